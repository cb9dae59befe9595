package io.sriov.cni.plugin;

import io.sriov.linux.netlink.HardwareAddress;

/** What must change of a netdev on the host; each is sent on its own. */
public sealed interface NetdevChange {
  record Down() implements NetdevChange {}

  record Rename(String name) implements NetdevChange {}

  record Address(HardwareAddress address) implements NetdevChange {}

  record Mtu(int bytes) implements NetdevChange {}

  record AddAltName(String name) implements NetdevChange {}

  record Up() implements NetdevChange {}
}
