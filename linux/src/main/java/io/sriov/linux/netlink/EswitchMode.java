package io.sriov.linux.netlink;

import java.util.Arrays;
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

  /** The mode with the kernel's word. */
  public static Optional<EswitchMode> named(String word) {
    return Arrays.stream(values()).filter(mode -> mode.word().equals(word)).findFirst();
  }

  static Optional<EswitchMode> of(int number) {
    return number >= 0 && number < values().length
        ? Optional.of(values()[number])
        : Optional.empty();
  }
}
