package io.sriov.linux.netlink;

/** Packs RTM_NEWLINK: IFLA_IFNAME, IFLA_LINKINFO { IFLA_INFO_KIND, IFLA_INFO_DATA { … } }. */
final class NewLinkMessage {

  private static final int MACVLAN_BRIDGE = 4;

  private NewLinkMessage() {}

  static MessageWriter pack(NewLink link) {
    MessageWriter out =
        new MessageWriter(
            RouteMessage.NEWLINK, MessageHeader.ACK | MessageHeader.CREATE | MessageHeader.EXCL);
    new LinkHeader(0, 0, 0, 0).pack(out.room(LinkHeader.SIZE));
    out.text(LinkAttribute.IFNAME, link.name());
    if (link instanceof NewLink.Macvlan macvlan) {
      out.u32(LinkAttribute.LINK, macvlan.parent());
    }
    int info = out.startNest(LinkAttribute.LINKINFO | Attribute.NESTED);
    switch (link) {
      case NewLink.Dummy _ -> out.text(LinkAttribute.INFO_KIND, "dummy");
      case NewLink.Bridge _ -> out.text(LinkAttribute.INFO_KIND, "bridge");
      case NewLink.Ifb _ -> out.text(LinkAttribute.INFO_KIND, "ifb");
      case NewLink.Macvlan _ -> {
        out.text(LinkAttribute.INFO_KIND, "macvlan");
        int data = out.startNest(LinkAttribute.INFO_DATA | Attribute.NESTED);
        out.u32(LinkAttribute.MACVLAN_MODE, MACVLAN_BRIDGE).endNest(data);
      }
      case NewLink.Veth veth -> {
        out.text(LinkAttribute.INFO_KIND, "veth");
        int data = out.startNest(LinkAttribute.INFO_DATA | Attribute.NESTED);
        int peer = out.startNest(LinkAttribute.VETH_INFO_PEER);
        new LinkHeader(0, 0, 0, 0).pack(out.room(LinkHeader.SIZE));
        out.text(LinkAttribute.IFNAME, veth.peerName());
        veth.peerNamespace()
            .ifPresent(target -> out.u32(LinkAttribute.NET_NS_FD, target.fd().number()));
        out.endNest(peer).endNest(data);
      }
    }
    return out.endNest(info);
  }
}
