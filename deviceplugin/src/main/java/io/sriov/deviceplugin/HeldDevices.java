package io.sriov.deviceplugin;

import io.sriov.deviceplugin.pool.Held;
import io.sriov.deviceplugin.serve.Allocator;
import io.sriov.kubelet.KubeletException;
import io.sriov.kubelet.PodResources;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which devices pods hold: asked of the kubelet, completed by our own last allocations. */
final class HeldDevices {

  private static final Duration ANSWER = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(HeldDevices.class);

  private final PodResources podResources;
  private final Allocator allocator;
  private Held last = Held.NONE;
  private boolean known;

  HeldDevices(PodResources podResources, Allocator allocator) {
    this.podResources = podResources;
    this.allocator = allocator;
  }

  /**
   * Asks the kubelet; if it does not answer, what it said last.
   *
   * @param prefixes of the resources that count
   */
  Held refreshed(Set<String> prefixes) {
    var holders = new HashMap<String, Held.Holder>();
    allocator
        .recentlyAllocated()
        .forEach((id, resource) -> holders.put(id, new Held.Holder(resource, "being admitted")));
    try {
      var listing =
          podResources.listing(
              resource ->
                  prefixes.contains(resource.substring(0, Math.max(0, resource.indexOf('/')))),
              ANSWER);
      for (var allocation : listing.allocations()) {
        var holder =
            new Held.Holder(
                allocation.resourceName(), allocation.namespace() + "/" + allocation.pod());
        allocation.deviceIds().forEach(id -> holders.put(id, holder));
      }
      if (listing.pods() == 0) {
        // We run in a pod ourselves: the kubelet was just started and has not got its pods yet.
        unknown("it lists no pod at all", holders);
      } else {
        known = true;
      }
    } catch (KubeletException e) {
      unknown(String.valueOf(e.getMessage()), holders);
    }
    last = new Held(holders);
    return last;
  }

  private void unknown(String why, Map<String, Held.Holder> holders) {
    if (known) {
      log.warn("Which devices pods hold is not known anew: {}", why);
    } else {
      log.info("Which devices pods hold is not known yet: {}", why);
    }
    known = false;
    last.byId().forEach(holders::putIfAbsent);
  }

  /**
   * How many devices of each of these resources pods hold now, by the kubelet's word alone; empty
   * when it does not answer. May be called on any thread.
   */
  Optional<Map<String, Integer>> count(Set<String> resources) {
    try {
      var counts = new HashMap<String, Integer>();
      resources.forEach(resource -> counts.put(resource, 0));
      podResources
          .allocations(resources::contains, ANSWER)
          .forEach(allocation ->
              counts.merge(allocation.resourceName(), allocation.deviceIds().size(), Integer::sum));
      return Optional.of(counts);
    } catch (KubeletException e) {
      log.debug("Which devices pods hold is not known for a metric: {}", e.getMessage());
      return Optional.empty();
    }
  }

  Held last() {
    return last;
  }

  /** Whether a device was allocated of which {@link #last} does not know. */
  boolean outdated() {
    return !last.byId().keySet().containsAll(allocator.recentlyAllocated().keySet());
  }

  /** Whether the kubelet answered the last time it was asked. */
  boolean known() {
    return known;
  }
}
