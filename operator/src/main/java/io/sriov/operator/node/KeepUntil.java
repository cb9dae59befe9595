package io.sriov.operator.node;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What to do with the state of a node that is no longer managed (spec 01 §4.9): a node that returns
 * in time finds its state again.
 */
sealed interface KeepUntil {

  /** The state goes now. */
  record Delete() implements KeepUntil {}

  /** The state stays for {@code remaining}. */
  record Keep(Duration remaining) implements KeepUntil {}

  /** The state is marked with {@code annotation} and stays for {@code remaining}. */
  record Mark(String annotation, Duration remaining) implements KeepUntil {}

  /**
   * @param annotation value of {@code keep-state-until}; null or malformed is not yet marked
   * @param delay how long a state is kept; zero is not at all
   */
  static KeepUntil of(@Nullable String annotation, Duration delay, Clock clock) {
    if (delay.isZero()) {
      return new Delete();
    }
    Instant now = clock.instant();
    Instant until = parse(annotation);
    if (until == null) {
      return new Mark(now.plus(delay).truncatedTo(ChronoUnit.SECONDS).toString(), delay);
    }
    return now.isBefore(until) ? new Keep(Duration.between(now, until)) : new Delete();
  }

  private static @Nullable Instant parse(@Nullable String annotation) {
    if (annotation == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(annotation).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }
}
