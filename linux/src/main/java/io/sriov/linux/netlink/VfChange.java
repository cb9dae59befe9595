package io.sriov.linux.netlink;

/** One setting of a VF made through its PF (a member of {@code IFLA_VF_INFO}). */
public sealed interface VfChange {

  /** Administrative address, 6 bytes; all zero lets the VF choose. */
  record Mac(HardwareAddress address) implements VfChange {}

  /** VLAN id 0–4095 (0 turns it off), priority 0–7. */
  record Vlan(int id, int qos, VlanProtocol protocol) implements VfChange {
    public Vlan {
      requireRange("VLAN id", id, 0, 4095);
      requireRange("VLAN priority", qos, 0, 7);
    }
  }

  /** Transmit rates in Mb/s, 0 for none. Both are set by one call. */
  record Rate(int min, int max) implements VfChange {
    public Rate {
      requireRange("minimum rate", min, 0, Integer.MAX_VALUE);
      requireRange("maximum rate", max, 0, Integer.MAX_VALUE);
    }
  }

  /** Drop frames whose source address is not the VF's. */
  record SpoofChk(boolean on) implements VfChange {}

  /** Allow the VF what concerns others, e.g. promiscuous mode or changing its address. */
  record Trust(boolean on) implements VfChange {}

  /** Link state the VF sees. */
  record LinkState(VfLinkState state) implements VfChange {}

  /** Allow the VF to read its RSS configuration. */
  record RssQuery(boolean on) implements VfChange {}

  /** InfiniBand node GUID. */
  record NodeGuid(long guid) implements VfChange {}

  /** InfiniBand port GUID. */
  record PortGuid(long guid) implements VfChange {}

  private static void requireRange(String what, int value, int low, int high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "%s %d is not in %d..%d".formatted(what, value, low, high));
    }
  }
}
