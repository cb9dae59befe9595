package io.sriov.deviceplugin.pool;

import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the node's PCI functions at one moment.
 *
 * @param functions by address, in the order of addresses
 * @param vhostNet whether {@code /dev/vhost-net} exists
 */
public record Facts(SortedMap<String, PciFunction> functions, boolean vhostNet) {

  public static Facts of(Collection<PciFunction> functions, boolean vhostNet) {
    var byAddress = new TreeMap<String, PciFunction>();
    functions.forEach(function -> byAddress.put(function.address(), function));
    return new Facts(byAddress, vhostNet);
  }

  /** The function at {@code address}. */
  public Optional<PciFunction> at(String address) {
    return Optional.ofNullable(functions.get(address));
  }

  /** These facts with one function replaced, or removed when it is absent now. */
  public Facts with(String address, Optional<PciFunction> now) {
    var changed = new TreeMap<>(functions);
    changed.remove(address);
    now.ifPresent(function -> changed.put(address, remembering(function, functions.get(address))));
    return new Facts(changed, vhostNet);
  }

  /** These facts with another answer to whether {@code /dev/vhost-net} exists. */
  public Facts withVhostNet(boolean exists) {
    return new Facts(functions, exists);
  }

  /** These facts completed by what a pod's network namespace hides since {@code earlier}. */
  public Facts remembering(Facts earlier) {
    var completed = new TreeMap<String, PciFunction>();
    functions.forEach((address, function) ->
        completed.put(address, remembering(function, earlier.functions.get(address))));
    return new Facts(completed, vhostNet);
  }

  private static PciFunction remembering(PciFunction now, @Nullable PciFunction earlier) {
    return earlier == null ? now : now.remembering(earlier);
  }
}
