package io.sriov.linux.netlink;

/** Message types of NETLINK_ROUTE, linux/rtnetlink.h. */
final class RouteMessage {

  static final int PROTOCOL = 0;

  static final int NEWLINK = 16;
  static final int DELLINK = 17;
  static final int GETLINK = 18;
  static final int SETLINK = 19;
  static final int NEWADDR = 20;
  static final int DELADDR = 21;
  static final int GETADDR = 22;
  static final int NEWROUTE = 24;
  static final int DELROUTE = 25;
  static final int GETROUTE = 26;
  static final int NEWLINKPROP = 108;
  static final int DELLINKPROP = 109;

  private RouteMessage() {}
}
