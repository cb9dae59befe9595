package io.sriov.deviceplugin.allocation;

import static java.util.Comparator.comparing;

import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which of the available devices a container had best get ({@code GetPreferredAllocation}): of as
 * few NUMA nodes as possible, and of those spread evenly over the PFs, whose bandwidth they share.
 *
 * <p>Devices without a known NUMA node count as one node of their own.
 */
public final class PreferredDevices {

  private final List<PoolDevice> available;
  private final Set<String> chosen;
  private final int size;

  private PreferredDevices(List<PoolDevice> available, Collection<String> mustInclude, int size) {
    this.available = available;
    this.chosen = new LinkedHashSet<>(mustInclude);
    this.size = size;
  }

  /**
   * {@code size} devices, or all there are; more only if more must be included. Ids that the pool
   * does not know come last.
   *
   * @param available ids that may be given, with those of {@code mustInclude}
   */
  public static List<String> of(
      Pool pool, Collection<String> available, Collection<String> mustInclude, int size) {
    var usable = new HashSet<>(available);
    usable.addAll(mustInclude);
    var known =
        pool.devices().stream()
            .filter(device -> usable.contains(device.id()))
            .sorted(comparing(PoolDevice::id))
            .toList();
    var preferred = new PreferredDevices(known, mustInclude, size);
    preferred.choose();
    available.stream().filter(_ -> preferred.chosen.size() < size).forEach(preferred.chosen::add);
    return List.copyOf(preferred.chosen);
  }

  private void choose() {
    var nodes = nodes();
    var candidates =
        available.stream().filter(device -> nodes.contains(device.numaNode())).toList();
    var free = byPf(candidates.stream().filter(device -> !chosen.contains(device.id())).toList());
    var taken = new HashMap<String, Integer>();
    byPf(available.stream().filter(device -> chosen.contains(device.id())).toList())
        .forEach((pf, devices) -> taken.put(pf, devices.size()));
    while (chosen.size() < size) {
      // Of PFs used equally the one with most devices left, which is the one used least so far.
      var pf =
          free.keySet().stream()
              .min(
                  comparing((String candidate) -> taken.getOrDefault(candidate, 0))
                      .thenComparing(candidate -> -free.getOrDefault(candidate, List.of()).size())
                      .thenComparing(candidate -> candidate));
      if (pf.isEmpty()) {
        return;
      }
      var left = free.getOrDefault(pf.get(), List.of());
      chosen.add(left.getFirst().id());
      taken.merge(pf.get(), 1, Integer::sum);
      if (left.size() == 1) {
        free.remove(pf.get());
      } else {
        free.put(pf.get(), left.subList(1, left.size()));
      }
    }
  }

  /** As few as can give the devices: those of devices that must be included, then the largest. */
  private Set<OptionalInt> nodes() {
    var nodes = new HashSet<OptionalInt>();
    var sizes = new HashMap<OptionalInt, Integer>();
    for (var device : available) {
      sizes.merge(device.numaNode(), 1, Integer::sum);
      if (chosen.contains(device.id())) {
        nodes.add(device.numaNode());
      }
    }
    int unknown =
        (int)
            chosen.stream()
                .filter(id -> available.stream().noneMatch(device -> device.id().equals(id)))
                .count();
    int missing = size - unknown;
    for (var node : nodes) {
      missing -= sizes.getOrDefault(node, 0);
    }
    sizes.keySet().removeAll(nodes);
    while (missing > 0 && !sizes.isEmpty()) {
      var next = next(sizes, missing);
      missing -= sizes.getOrDefault(next, 0);
      sizes.remove(next);
      nodes.add(next);
    }
    return nodes;
  }

  /** The smallest node that suffices, which leaves the larger ones whole; else the largest. */
  private static OptionalInt next(Map<OptionalInt, Integer> sizes, int missing) {
    var byNode =
        comparing((Map.Entry<OptionalInt, Integer> e) -> e.getKey().orElse(Integer.MAX_VALUE));
    return sizes.entrySet().stream()
        .filter(entry -> entry.getValue() >= missing)
        .min(Map.Entry.<OptionalInt, Integer>comparingByValue().thenComparing(byNode))
        .or(() ->
            sizes.entrySet().stream()
                .max(
                    Map.Entry.<OptionalInt, Integer>comparingByValue()
                        .thenComparing(byNode.reversed())))
        .orElseThrow()
        .getKey();
  }

  private static Map<String, List<PoolDevice>> byPf(List<PoolDevice> devices) {
    return devices.stream()
        .collect(
            Collectors.groupingBy(
                PoolDevice::pf, TreeMap::new, Collectors.toCollection(ArrayList::new)));
  }
}
