package io.sriov.linux.netlink;

import java.util.Optional;

/** Mode of a NIC's embedded switch, in the order of {@code DEVLINK_ESWITCH_MODE_*}. */
public enum EswitchMode {
  /** Frames are switched by MAC address and VLAN in the NIC. */
  LEGACY,
  /** Every VF has a representor link on the host. */
  SWITCHDEV;

  /** The kernel's number. */
  int number() {
    return ordinal();
  }

  /** The kernel's word, {@code legacy} or {@code switchdev}. */
  public String word() {
    return this == LEGACY ? "legacy" : "switchdev";
  }

  static Optional<EswitchMode> of(int number) {
    return number >= 0 && number < values().length
        ? Optional.of(values()[number])
        : Optional.empty();
  }
}
