package io.sriov.node.host;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.sysfs.Sysfs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which of the netdevs below a device is its own (spec 03 §2.2 {@code name}). */
final class PfNetdev {

  private static final Pattern UPLINK = Pattern.compile("p\\d+");

  private static final String SWITCH_ID = "phys_switch_id";
  private static final String PORT_NAME = "phys_port_name";

  private PfNetdev() {}

  /**
   * The first, unless one is the uplink port of a switch: representors of VFs hang below the PF
   * too.
   *
   * @param names sorted
   */
  static Optional<String> choose(List<String> names, Map<String, Link> links) {
    return names.stream()
        .filter(name -> isUplink(links.get(name)))
        .findFirst()
        .or(() -> names.stream().findFirst());
  }

  /** As {@link #choose(List, Map)}, asking sysfs, and that only if there is a choice. */
  static Optional<String> choose(List<String> names, Sysfs sysfs) throws LinuxException {
    if (names.size() < 2) {
      return names.stream().findFirst();
    }
    for (String name : names) {
      if (isUplink(port(sysfs, name, SWITCH_ID), port(sysfs, name, PORT_NAME))) {
        return Optional.of(name);
      }
    }
    return names.stream().findFirst();
  }

  /** The netdev's port of a switch; empty without a switch or a name. */
  static Optional<SwitchPort> switchPort(Sysfs sysfs, String netdev) throws LinuxException {
    Optional<String> id = port(sysfs, netdev, SWITCH_ID);
    return port(sysfs, netdev, PORT_NAME)
        .flatMap(name -> id.map(switchId -> new SwitchPort(name, switchId)));
  }

  private static Optional<String> port(Sysfs sysfs, String netdev, String attribute)
      throws LinuxException {
    return sysfs
        .textIfShown(sysfs.path("class/net").resolve(netdev).resolve(attribute))
        .filter(text -> !text.isEmpty());
  }

  private static boolean isUplink(@Nullable Link link) {
    return link != null && isUplink(link.physSwitchId(), link.physPortName());
  }

  private static boolean isUplink(Optional<String> switchId, Optional<String> portName) {
    return switchId.filter(id -> !id.isEmpty()).isPresent()
        && portName.map(port -> UPLINK.matcher(port).find()).orElse(true);
  }
}
