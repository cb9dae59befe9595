package io.sriov.deviceplugin;

import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.PciFunction;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which PFs have no link for longer than a change of MTU, a reset of the card or negotiation with a
 * switch takes: those must not take allocatable away. For one thread.
 */
final class LinkGrace {

  private final Duration grace;

  /** Since when, in the time of System.nanoTime. */
  private final Map<String, Long> downSince = new HashMap<>();

  LinkGrace(Duration grace) {
    this.grace = grace;
  }

  /** PFs that have been without a link for all of the grace. */
  Set<String> down(Facts facts, long now) {
    var down =
        facts.functions().values().stream()
            .filter(PciFunction::linkDown)
            .map(PciFunction::address)
            .collect(Collectors.toSet());
    downSince.keySet().retainAll(down);
    down.forEach(pf -> downSince.putIfAbsent(pf, now));
    var lasting = new HashSet<String>();
    downSince.forEach((pf, since) -> {
      if (now - since >= grace.toNanos()) {
        lasting.add(pf);
      }
    });
    return lasting;
  }

  /** How long until another PF counts as down if nothing happens. */
  Optional<Duration> untilNext(long now) {
    return downSince.values().stream()
        .map(since -> grace.toNanos() - (now - since))
        .filter(left -> left > 0)
        .min(Long::compare)
        .map(Duration::ofNanos);
  }
}
