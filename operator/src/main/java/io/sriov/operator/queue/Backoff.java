package io.sriov.operator.queue;

import java.time.Duration;

/** Pause before the next try: doubles from 5 ms to one minute. */
final class Backoff {

  private static final long FIRST_MILLIS = 5;
  private static final long LONGEST_MILLIS = 60_000;

  private Backoff() {}

  /**
   * @param failures how many tries in a row have failed, at least 1
   */
  static Duration after(int failures) {
    int doublings = Math.min(failures - 1, 20);
    return Duration.ofMillis(Math.min(LONGEST_MILLIS, FIRST_MILLIS << doublings));
  }
}
