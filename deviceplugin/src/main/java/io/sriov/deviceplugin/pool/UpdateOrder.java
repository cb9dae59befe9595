package io.sriov.deviceplugin.pool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In which order pools tell the kubelet their new devices. Each tells once, so no list is ever
 * shorter than both the one before and the one after; a device leaves its old pool before it shows
 * in the new one. Only where pools exchange devices in a circle one has to show a device before the
 * other has told that it is gone; an allocation from the latter is refused then.
 */
public final class UpdateOrder {

  private UpdateOrder() {}

  /**
   * Resources of both maps, each once.
   *
   * @param before ids of the devices that the kubelet knows, by resource
   * @param after ids of the devices that it is to know
   */
  public static List<String> of(Map<String, Set<String>> before, Map<String, Set<String>> after) {
    var receivers = new LinkedHashMap<String, Set<String>>();
    before.forEach((resource, ids) -> {
      var given = new LinkedHashSet<>(ids);
      given.removeAll(after.getOrDefault(resource, Set.of()));
      receivers.put(resource, given);
    });
    after.keySet().forEach(resource -> receivers.putIfAbsent(resource, new LinkedHashSet<>()));
    // Now whom each gives devices to, instead of which.
    var gives = new LinkedHashMap<String, Set<String>>();
    receivers.forEach((giver, given) -> {
      var to = new LinkedHashSet<String>();
      after.forEach((receiver, ids) -> {
        if (!receiver.equals(giver) && !Collections.disjoint(given, ids)) {
          to.add(receiver);
        }
      });
      gives.put(giver, to);
    });
    return ordered(gives);
  }

  private static List<String> ordered(Map<String, Set<String>> gives) {
    var left = new LinkedHashMap<>(gives);
    var order = new ArrayList<String>();
    while (!left.isEmpty()) {
      var next =
          left.keySet().stream()
              .min(Comparator.comparingLong(resource -> giversTo(resource, left)))
              .orElseThrow();
      left.remove(next);
      order.add(next);
    }
    return order;
  }

  /** Pools not told yet that give a device to this one; fewest are best, none is the rule. */
  private static long giversTo(String resource, Map<String, Set<String>> left) {
    return left.values().stream().filter(receivers -> receivers.contains(resource)).count();
  }
}
