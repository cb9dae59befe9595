package io.sriov.node.apply;

import io.sriov.plan.node.Step;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of a step.
 *
 * @param failure names PF, VF, step and errno, and says what to do; absent when it succeeded
 */
public record StepResult(Step step, Duration took, @Nullable String failure) {

  public boolean failed() {
    return failure != null;
  }
}
