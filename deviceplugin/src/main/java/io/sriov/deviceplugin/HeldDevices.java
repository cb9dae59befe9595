package io.sriov.deviceplugin;

import io.sriov.deviceplugin.pool.Held;
import io.sriov.deviceplugin.serve.Allocator;
import io.sriov.kubelet.KubeletException;
import io.sriov.kubelet.PodResources;
import java.time.Duration;
import java.util.HashMap;
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
      var allocations =
          podResources.allocations(
              resource ->
                  prefixes.contains(resource.substring(0, Math.max(0, resource.indexOf('/')))),
              ANSWER);
      for (var allocation : allocations) {
        var holder =
            new Held.Holder(
                allocation.resourceName(), allocation.namespace() + "/" + allocation.pod());
        allocation.deviceIds().forEach(id -> holders.put(id, holder));
      }
      known = true;
    } catch (KubeletException e) {
      if (known) {
        log.warn("Which devices pods hold is not known anew: {}", e.getMessage());
      } else {
        log.info("Which devices pods hold is not known yet: {}", e.getMessage());
      }
      known = false;
      last.byId().forEach(holders::putIfAbsent);
    }
    last = new Held(holders);
    return last;
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
