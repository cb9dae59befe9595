package io.sriov.linux.netlink;

/** Ethertype of a VF's VLAN tag, linux/if_ether.h. */
public enum VlanProtocol {
  /** IEEE 802.1Q. */
  DOT1Q(0x8100),
  /** IEEE 802.1ad, the outer tag of QinQ. */
  DOT1AD(0x88a8);

  private final int etherType;

  VlanProtocol(int etherType) {
    this.etherType = etherType;
  }

  /** The ethertype in host order, 33024 or 34984. */
  public int etherType() {
    return etherType;
  }

  /** DOT1AD for 0x88a8, DOT1Q for everything else: what a driver says that knows no protocol. */
  public static VlanProtocol of(int etherType) {
    return etherType == DOT1AD.etherType ? DOT1AD : DOT1Q;
  }
}
