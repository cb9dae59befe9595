package io.sriov.deviceplugin.pool;

import java.util.OptionalInt;

/**
 * A network interface of a function, in the host's network namespace.
 *
 * @param arpType {@code ARPHRD_*} of linux/if_arp.h; absent when it could not be read
 * @param physSwitchId empty outside switchdev mode
 * @param physPortName {@code p0} for an uplink, {@code pf0vf1} for a representor; empty when the
 *     driver has none
 * @param defaultRoute whether an IPv4 default route of the main table leaves through it
 */
public record Netdev(
    String name,
    OptionalInt arpType,
    String physSwitchId,
    String physPortName,
    boolean defaultRoute) {

  /** Whether it is the uplink of its eswitch, not a representor. */
  boolean uplink() {
    return !physSwitchId.isEmpty() && !representor();
  }

  /** Whether it stands for another function's port. */
  public boolean representor() {
    return !physPortName.isEmpty() && !physPortName.matches("p\\d+");
  }
}
