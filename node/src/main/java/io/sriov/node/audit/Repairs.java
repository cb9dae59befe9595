package io.sriov.node.audit;

import io.sriov.plan.audit.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Which repairs failed, so that they are not tried all the time. */
final class Repairs {

  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private record Failure(String why, Instant retryAt, Duration pause) {}

  private final Map<Finding, Failure> failures = new HashMap<>();

  /** Whether it may be tried now. */
  boolean due(Finding finding, Instant now) {
    Failure failure = failures.get(finding);
    return failure == null || !now.isBefore(failure.retryAt());
  }

  /**
   * Notes a failure down.
   *
   * @return whether it is news
   */
  boolean failed(Finding finding, String why, Instant now) {
    Failure before = failures.get(finding);
    Duration pause = before == null ? FIRST_PAUSE : before.pause().multipliedBy(2);
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    failures.put(finding, new Failure(why, now.plus(pause), pause));
    return before == null || !before.why().equals(why);
  }

  /** Why it could not be mended; empty if nothing failed. */
  Optional<String> failure(Finding finding) {
    return Optional.ofNullable(failures.get(finding)).map(Failure::why);
  }

  /** Forgets what does not hold any more. */
  void keep(Collection<Finding> findings) {
    failures.keySet().retainAll(findings);
  }
}
