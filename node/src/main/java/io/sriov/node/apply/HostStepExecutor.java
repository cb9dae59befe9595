package io.sriov.node.apply;

import io.sriov.plan.node.HostStep;
import java.util.List;

/** Carries out steps of the node itself, which belong to no PF. */
@FunctionalInterface
public interface HostStepExecutor {

  /** One after the other, up to the first that fails. */
  List<HostStepResult> execute(List<HostStep> steps) throws InterruptedException;
}
