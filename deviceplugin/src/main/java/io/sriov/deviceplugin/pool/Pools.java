package io.sriov.deviceplugin.pool;

import io.sriov.deviceplugin.config.DeviceKind;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.config.Selector;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which device belongs to which pool (spec 05 §4): the first selector of the first pool that keeps
 * a device owns it.
 *
 * <p>Beyond upstream: a device that a pod holds stays in the pool it was given from, whatever the
 * selectors say now, so that it is never counted free in another; and a device that vanished under
 * a pod stays there as unhealthy.
 *
 * @param notes why devices are in no pool or in another than their selector says; for the log
 * @param dependOnPods whether the end of a pod would change these pools; only the kubelet knows it
 */
public record Pools(List<Pool> pools, List<String> notes, boolean dependOnPods) {

  public static final Pools NONE = new Pools(List.of(), List.of(), false);

  public Pools {
    pools = List.copyOf(pools);
    notes = List.copyOf(notes);
  }

  /** Where nothing is in trouble. */
  public static Pools of(List<PoolConfig> configs, Facts facts, Held held) {
    return of(configs, facts, held, Health.GOOD);
  }

  public static Pools of(List<PoolConfig> configs, Facts facts, Held held, Health health) {
    return new Assignment(configs, facts, held, health).pools();
  }

  private static final class Assignment {
    private final List<PoolConfig> configs;
    private final Facts facts;
    private final Held held;
    private final Health health;
    private final Map<DeviceKind, List<Candidate>> candidates = new EnumMap<>(DeviceKind.class);
    private final Map<DeviceKind, Map<String, Candidate>> byId = new EnumMap<>(DeviceKind.class);
    private final Set<String> configured;
    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<String> taken = new HashSet<>();
    private boolean dependOnPods;

    Assignment(List<PoolConfig> configs, Facts facts, Held held, Health health) {
      this.configs = configs;
      this.facts = facts;
      this.held = held;
      this.health = health;
      this.configured = configs.stream().map(PoolConfig::resource).collect(Collectors.toSet());
      for (var kind : configs.stream().map(PoolConfig::kind).collect(Collectors.toSet())) {
        var found = Candidates.of(kind, facts);
        candidates.put(kind, found.devices());
        byId.put(
            kind,
            found.devices().stream()
                .collect(Collectors.toMap(Candidate::id, Function.identity(), (a, _) -> a)));
        notes.addAll(found.leftOut());
      }
    }

    Pools pools() {
      var pools = new ArrayList<Pool>();
      for (var config : configs) {
        pools.add(new Pool(config, devices(config)));
      }
      return new Pools(pools, List.copyOf(notes), dependOnPods);
    }

    private List<PoolDevice> devices(PoolConfig config) {
      var devices = new LinkedHashMap<String, PoolDevice>();
      for (var selector : config.selectors()) {
        for (var candidate : candidates.getOrDefault(config.kind(), List.of())) {
          if (Matching.selects(selector, candidate) && mayTake(config, candidate.id())) {
            devices.put(candidate.id(), shaped(config, selector, candidate));
          }
        }
      }
      held.byId().entrySet().stream()
          .filter(entry -> entry.getValue().resource().equals(config.resource()))
          .sorted(Map.Entry.comparingByKey())
          .filter(entry -> taken.add(entry.getKey()))
          .forEach(entry ->
              devices.put(entry.getKey(), kept(config, entry.getKey(), entry.getValue().pod())));
      return List.copyOf(devices.values());
    }

    private boolean mayTake(PoolConfig config, String id) {
      var elsewhere =
          heldElsewhere(config, id).filter(other -> configured.contains(other.resource()));
      if (elsewhere.isPresent()) {
        dependOnPods = true;
        notes.add(
            "%s: pod %s holds it as %s; it moves to %s when the pod ends"
                .formatted(
                    id, elsewhere.get().pod(), elsewhere.get().resource(), config.resource()));
        return false;
      }
      return taken.add(id);
    }

    /** A pool that no longer exists cannot keep its devices: the new pool shows them as taken. */
    private PoolDevice shaped(PoolConfig config, Selector selector, Candidate candidate) {
      var device =
          inHealth(PoolDevice.of(candidate, selector, config.excludeTopology(), facts), candidate);
      var other = heldElsewhere(config, candidate.id());
      if (other.isEmpty()) {
        return device;
      }
      dependOnPods = true;
      return device.unhealthy(
          "pod %s holds it as %s".formatted(other.get().pod(), other.get().resource()));
    }

    private PoolDevice inHealth(PoolDevice device, Candidate candidate) {
      return health.trouble(candidate.pci(), facts).map(device::unhealthy).orElse(device);
    }

    private Optional<Held.Holder> heldElsewhere(PoolConfig config, String id) {
      return held.holder(id).filter(holder -> !holder.resource().equals(config.resource()));
    }

    private PoolDevice kept(PoolConfig config, String id, String pod) {
      dependOnPods = true;
      var candidate = byId.getOrDefault(config.kind(), Map.of()).get(id);
      if (candidate != null) {
        notes.add("%s: kept in %s while pod %s holds it".formatted(id, config.resource(), pod));
        return inHealth(
            PoolDevice.of(
                candidate, config.selectors().getFirst(), config.excludeTopology(), facts),
            candidate);
      }
      return PoolDevice.vanished(id, "gone or without driver, while pod " + pod + " holds it");
    }
  }
}
