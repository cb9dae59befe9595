package io.sriov.operator.queue;

import java.time.Duration;
import java.util.Optional;

/** When a reconciled key is looked at again without anything having happened to it. */
public record Next(Optional<Duration> after) {

  /** Not before something happens. */
  public static final Next EVENT = new Next(Optional.empty());

  /** At the latest after {@code delay}. */
  public static Next in(Duration delay) {
    return new Next(Optional.of(delay));
  }
}
