package io.sriov.deviceplugin.pool;

import io.sriov.deviceplugin.config.DeviceKind;
import io.sriov.deviceplugin.config.FunctionList;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.config.Selector;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How many devices each pool promises, whether or not they can be given away: those it has, VFs its
 * selectors name that are in no pool (no driver, or another one than the selector wants), and VFs
 * its selectors list by index that do not exist. A selector that names a PF without a list promises
 * the VFs the PF has.
 */
public final class Configured {

  private final Facts facts;
  private final Set<String> owned;
  private final Set<String> counted = new HashSet<>();

  private Configured(Facts facts, Set<String> owned) {
    this.facts = facts;
    this.owned = owned;
  }

  /** By resource, for every pool. */
  public static Map<String, Integer> of(Pools pools, Facts facts) {
    var owned =
        pools.pools().stream()
            .flatMap(pool -> pool.devices().stream())
            .map(PoolDevice::id)
            .collect(Collectors.toSet());
    var configured = new Configured(facts, owned);
    var counts = new LinkedHashMap<String, Integer>();
    pools
        .pools()
        .forEach(pool ->
            counts.put(
                pool.config().resource(), configured.has(pool) + configured.lacks(pool.config())));
    return counts;
  }

  /** Without those that vanished under a pod, which a list names or nobody. */
  private int has(Pool pool) {
    return (int)
        pool.devices().stream().filter(device -> facts.at(device.pciAddress()).isPresent()).count();
  }

  private int lacks(PoolConfig config) {
    if (config.kind() != DeviceKind.NET_DEVICE) {
      return 0;
    }
    int before = counted.size();
    for (var selector : config.selectors()) {
      for (var vf : facts.functions().values()) {
        if (vf.physfn().isPresent() && !owned.contains(vf.address()) && names(selector, vf)) {
          boolean unused = counted.add(vf.address());
        }
      }
      missing(selector);
    }
    return counted.size() - before;
  }

  /** By what a VF is and where it sits, not by the state it is in. */
  private boolean names(Selector selector, PciFunction vf) {
    var pf = vf.physfn().flatMap(facts::at);
    int index = pf.map(f -> f.vfIndexes().getOrDefault(vf.address(), -1)).orElse(-1);
    return any(selector.vendors(), vf.vendor())
        && any(selector.devices(), vf.device())
        && any(selector.pciAddresses(), vf.address())
        && any(selector.acpiIndexes(), vf.acpiIndex())
        && listed(selector.pfNames(), pf.map(Configured::name).orElse(""), index)
        && listed(selector.rootDevices(), vf.physfn().orElse(""), index);
  }

  private void missing(Selector selector) {
    boolean byName = !selector.pfNames().isEmpty();
    FunctionList.listed(byName ? selector.pfNames() : selector.rootDevices())
        .forEach((parent, indexes) -> {
          var pf = byName ? named(parent) : facts.at(parent);
          var address = pf.map(PciFunction::address).orElse(byName ? "" : parent);
          var there = pf.map(f -> Set.copyOf(f.vfIndexes().values())).orElse(Set.of());
          for (int index : indexes.stream().toArray()) {
            if (!there.contains(index)
                && (address.isEmpty() || listed(selector.rootDevices(), address, index))) {
              boolean unused = counted.add((address.isEmpty() ? parent : address) + " VF " + index);
            }
          }
        });
  }

  private Optional<PciFunction> named(String netdev) {
    return facts.functions().values().stream()
        .filter(function -> function.physfn().isEmpty())
        .filter(function -> name(function).equalsIgnoreCase(netdev))
        .findFirst();
  }

  private static String name(PciFunction pf) {
    return Netdevs.pfName(pf.netdevs(), pf.switchdev());
  }

  private static boolean any(List<String> wanted, String value) {
    return wanted.isEmpty() || wanted.contains(value);
  }

  private static boolean listed(List<String> wanted, String parent, int index) {
    return wanted.isEmpty() || FunctionList.selects(wanted, parent, index);
  }
}
