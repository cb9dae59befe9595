package io.sriov.node.boot;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.node.apply.HostStepExecutor;
import io.sriov.plan.node.BootServices;
import io.sriov.plan.node.NodePlan;
import java.io.IOException;
import java.util.Optional;

/**
 * What the loop needs to know of the node's next boot. Where the daemon configures the node itself
 * that is only how host steps are carried out.
 */
@FunctionalInterface
public interface NodeBoot extends HostStepExecutor {

  /**
   * The plan as it is carried out in this mode: by the daemon, unchanged; or by services at boot,
   * so that files for them, units and a reboot take the place of what is to be done to PFs.
   */
  default NodePlan planFor(SriovNetworkNodeStateSpec desired, NodePlan plan) throws IOException {
    return plan;
  }

  /** What the boot services reported; empty if the daemon configures the node. */
  default Optional<BootServices.Result> result() {
    return Optional.empty();
  }
}
