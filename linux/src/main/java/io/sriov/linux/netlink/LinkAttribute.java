package io.sriov.linux.netlink;

/** Attribute numbers of link messages, linux/if_link.h. */
final class LinkAttribute {

  static final int ADDRESS = 1;
  static final int IFNAME = 3;
  static final int MTU = 4;
  static final int LINK = 5;
  static final int MASTER = 10;
  static final int OPERSTATE = 16;
  static final int LINKINFO = 18;
  static final int NUM_VF = 21;
  static final int VFINFO_LIST = 22;
  static final int NET_NS_FD = 28;
  static final int EXT_MASK = 29;
  static final int CARRIER = 33;
  static final int PHYS_SWITCH_ID = 36;
  static final int LINK_NETNSID = 37;
  static final int PHYS_PORT_NAME = 38;
  static final int MIN_MTU = 50;
  static final int MAX_MTU = 51;
  static final int PROP_LIST = 52;
  static final int ALT_IFNAME = 53;
  static final int PERM_ADDRESS = 54;
  static final int PARENT_DEV_NAME = 56;
  static final int PARENT_DEV_BUS_NAME = 57;

  /** Inside LINKINFO. */
  static final int INFO_KIND = 1;

  static final int INFO_DATA = 2;

  /** Inside INFO_DATA of a veth (linux/veth.h) and of a macvlan. */
  static final int VETH_INFO_PEER = 1;

  static final int MACVLAN_MODE = 1;

  /** Inside VFINFO_LIST. */
  static final int VF_INFO = 1;

  static final int VF_MAC = 1;
  static final int VF_VLAN = 2;
  static final int VF_TX_RATE = 3;
  static final int VF_SPOOFCHK = 4;
  static final int VF_LINK_STATE = 5;
  static final int VF_RATE = 6;
  static final int VF_RSS_QUERY_EN = 7;
  static final int VF_TRUST = 9;
  static final int VF_IB_NODE_GUID = 10;
  static final int VF_IB_PORT_GUID = 11;
  static final int VF_VLAN_LIST = 12;
  static final int VF_VLAN_INFO = 1;

  /** Values of EXT_MASK, linux/rtnetlink.h: VFs, without their counters. */
  static final int FILTER_VF_SKIP_STATS = 1 | 8;

  private LinkAttribute() {}
}
