package io.sriov.operator.drain;

import io.sriov.api.OnDrainTimeout;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What becomes of a drain some of whose pods are still there.
 *
 * @param action what to do
 * @param report what people are told; empty as long as it is no longer than the pool allows
 * @param again when to look again at the latest; a pod that goes is seen at once
 */
record Verdict(Action action, List<String> report, Duration again) {

  /** What to do. */
  enum Action {
    /** Try again. */
    WAIT,
    /** Put the node back to work and leave the change undone. */
    GIVE_UP,
    /** Delete the pods that may not be evicted. */
    DELETE
  }

  private static final int NAMED = 20;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** Pods that end are watched; this is for a watch that was lost. */
  private static final Duration SAFETY = Duration.ofSeconds(30);

  /**
   * @param since when the drain began
   * @param limit after which it is reported
   * @param attempt how many times pods were refused, from 1
   */
  static Verdict of(
      List<Remaining> remaining,
      Instant since,
      Duration limit,
      OnDrainTimeout then,
      Instant now,
      int attempt) {
    boolean refused = remaining.stream().anyMatch(pod -> !(pod instanceof Remaining.Leaving));
    Duration pause = refused ? pause(attempt) : SAFETY;
    Duration left = Duration.between(now, since.plus(limit));
    if (left.isPositive()) {
      return new Verdict(Action.WAIT, List.of(), pause.compareTo(left) < 0 ? pause : left);
    }
    List<String> report =
        remaining.stream()
            .sorted(Comparator.comparing(pod -> pod.pod().key()))
            .map(Remaining::text)
            .toList();
    Action action =
        switch (then) {
          case WAIT -> Action.WAIT;
          // A pod that has just been told to end is about to make what was asked for possible.
          case GIVE_UP ->
              untilGone(remaining, limit, now).isPositive() ? Action.WAIT : Action.GIVE_UP;
          // One that is already told to end cannot be told more.
          case PROCEED -> refused ? Action.DELETE : Action.WAIT;
        };
    Duration ending = untilGone(remaining, limit, now);
    boolean ends =
        action == Action.WAIT && then == OnDrainTimeout.GIVE_UP && ending.compareTo(pause) < 0;
    return new Verdict(action, report, ends ? ending : pause);
  }

  /**
   * How long pods that were told to end may still take: their grace period, at least the shortest
   * pause and at most {@code limit} once more, so that giving up is not put off for ever.
   */
  private static Duration untilGone(List<Remaining> remaining, Duration limit, Instant now) {
    return remaining.stream()
        .filter(Remaining.Leaving.class::isInstance)
        .map(Remaining.Leaving.class::cast)
        .map(pod -> Duration.between(now, pod.since().plus(atMost(pod.pod().grace(), limit))))
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  private static Duration atMost(Duration grace, Duration limit) {
    Duration bounded = grace.compareTo(limit) < 0 ? grace : limit;
    return bounded.compareTo(FIRST_PAUSE) < 0 ? FIRST_PAUSE : bounded;
  }

  /** Refusals change when other pods become ready elsewhere, which takes seconds. */
  private static Duration pause(int attempt) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 1, 10));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /** The report as one text, which a condition can hold. */
  String text() {
    String named = report.stream().limit(NAMED).collect(Collectors.joining("; "));
    return report.size() <= NAMED ? named : named + "; and " + (report.size() - NAMED) + " more";
  }
}
