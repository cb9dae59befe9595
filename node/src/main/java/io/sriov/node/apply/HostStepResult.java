package io.sriov.node.apply;

import io.sriov.plan.node.HostStep;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of a step of the node itself.
 *
 * @param failure names step and errno, and says what to do; absent when it succeeded
 */
public record HostStepResult(HostStep step, Duration took, @Nullable String failure) {

  public boolean failed() {
    return failure != null;
  }
}
