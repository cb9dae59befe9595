package io.sriov.cni.plugin;

import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A VF's netdev as it was before a pod got it, as far as it is put back.
 *
 * @param name empty if it is not known
 * @param address empty to leave it alone
 * @param mtu bytes, 0 to leave it alone
 * @param droppedAltNames alternative names to give back
 * @param wasUp whether it was up on the host
 */
public record FoundNetdev(
    String name,
    Optional<HardwareAddress> address,
    int mtu,
    List<String> droppedAltNames,
    boolean wasUp) {

  /** Changes that make a netdev on the host as it was found. */
  public List<NetdevChange> changes(Link now) {
    List<NetdevChange> changes = new ArrayList<>();
    if (!name.isEmpty() && !now.name().equals(name)) {
      changes.add(new NetdevChange.Rename(name));
    }
    address
        .filter(mac -> !mac.equals(now.mac()))
        .map(NetdevChange.Address::new)
        .ifPresent(changes::add);
    if (mtu != 0 && mtu != now.mtu()) {
      changes.add(new NetdevChange.Mtu(mtu));
    }
    for (String altName : droppedAltNames) {
      if (!now.isNamed(altName)) {
        changes.add(new NetdevChange.AddAltName(altName));
      }
    }
    boolean mustRest = changes.stream().anyMatch(NetdevChange.Rename.class::isInstance);
    if (now.isUp() && (!wasUp || mustRest)) {
      changes.addFirst(new NetdevChange.Down());
    }
    if (wasUp && (!now.isUp() || mustRest)) {
      changes.add(new NetdevChange.Up());
    }
    return List.copyOf(changes);
  }
}
