package io.sriov.operator.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the device plugin's pod begins to start on a node that has none yet: after the VFs are made,
 * for it has nothing to offer before, and its start would make both slower. A node that does not
 * say soon that it has made them, e.g. because it has to wait for pods, gets its pod all the same.
 */
final class PluginStart {

  /** Kernels make the VFs of a node within some seconds, rarely longer. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final Map<String, Instant> begun = new ConcurrentHashMap<>();

  /** How long the pod of {@code node} is put off at most; empty if it may start. */
  Optional<Duration> putOff(String node, Applied vfs, Instant now) {
    if (vfs != Applied.PENDING) {
      return Optional.empty();
    }
    // A clock that was set back must not make it longer.
    Instant since =
        begun.merge(node, now, (before, latest) -> before.isAfter(latest) ? latest : before);
    Duration left = Duration.between(now, since.plus(LONGEST));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }

  /** It has started, or nobody wants it any more. */
  void forget(String node) {
    begun.remove(node);
  }
}
