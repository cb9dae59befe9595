package io.sriov.deviceplugin.pool;

import java.util.List;

/** The network interfaces of one function, in the order of their names. */
final class Netdevs {

  private Netdevs() {}

  /** A netdev that was moved into a pod's namespace is no longer visible, but still there. */
  static List<Netdev> remembered(List<Netdev> now, List<Netdev> earlier) {
    return now.isEmpty()
        ? earlier.stream()
            .map(netdev ->
                new Netdev(
                    netdev.name(),
                    netdev.arpType(),
                    netdev.physSwitchId(),
                    netdev.physPortName(),
                    false))
            .toList()
        : now;
  }

  /** Uplink representor in switchdev mode, else the first; empty when there is none. */
  static String pfName(List<Netdev> netdevs, boolean switchdev) {
    return netdevs.stream()
        .filter(netdev -> !switchdev || netdev.uplink())
        .findFirst()
        .map(Netdev::name)
        .orElse("");
  }
}
