package io.sriov.node.apply;

import io.sriov.plan.node.Step;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of a step.
 *
 * @param failure names PF, VF, step and errno, and says what to do; absent when it succeeded or was
 *     put off
 * @param held whether it was put off, because a pod got a VF that it would have taken
 */
public record StepResult(Step step, Duration took, @Nullable String failure, boolean held) {

  public boolean failed() {
    return failure != null;
  }

  /** Whether what comes after it is given up. */
  boolean ends() {
    return failed() || held;
  }
}
