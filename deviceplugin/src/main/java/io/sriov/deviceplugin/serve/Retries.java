package io.sriov.deviceplugin.serve;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * When pools that the kubelet did not take, or took and dropped, are offered again: ever more
 * rarely, until a pool was left alone for a minute.
 */
final class Retries {

  private static final long LONGEST = Duration.ofSeconds(30).toNanos();
  private static final long FORGOTTEN = Duration.ofMinutes(1).toNanos();

  /** Times of System.nanoTime. */
  private record Retry(int count, long at, boolean pending) {}

  private final Map<String, Retry> byResource = new HashMap<>();

  /**
   * Plans another offer unless one is planned.
   *
   * @param first wait before the first of several offers; each next one waits twice as long
   */
  void plan(String resource, Duration first, long now) {
    var last = Optional.ofNullable(byResource.get(resource));
    if (last.filter(Retry::pending).isPresent()) {
      return;
    }
    int count = last.filter(retry -> now - retry.at() < FORGOTTEN).map(Retry::count).orElse(0);
    long wait = Math.min(LONGEST, first.toNanos() << Math.min(count, 10));
    byResource.put(resource, new Retry(count + 1, now + wait, true));
  }

  /** How long until the planned offer, not positive when it is due; absent when none is planned. */
  Optional<Long> nanosUntil(String resource, long now) {
    return Optional.ofNullable(byResource.get(resource))
        .filter(Retry::pending)
        .map(retry -> retry.at() - now);
  }

  boolean isPlanned(String resource) {
    return Optional.ofNullable(byResource.get(resource)).filter(Retry::pending).isPresent();
  }

  /** The planned offer was made, or is no longer needed. */
  void done(String resource) {
    byResource.computeIfPresent(
        resource, (_, retry) -> new Retry(retry.count(), retry.at(), false));
  }

  void forget(String resource) {
    byResource.remove(resource);
  }
}
