package io.sriov.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/** Packs settings of VFs: IFLA_VFINFO_LIST { IFLA_VF_INFO { one setting } … }, linux/if_link.h. */
final class VfMessage {

  private VfMessage() {}

  static MessageWriter pack(int pfIndex, int vf, List<VfChange> changes) {
    MessageWriter out = new MessageWriter(RouteMessage.SETLINK, MessageHeader.ACK);
    new LinkHeader(0, pfIndex, 0, 0).pack(out.room(LinkHeader.SIZE));
    int list = out.startNest(LinkAttribute.VFINFO_LIST);
    changes.forEach(change -> info(out, vf, change));
    return out.endNest(list);
  }

  /** One setting for each VF of the PF with this name. */
  static MessageWriter pack(String pf, SortedMap<Integer, ? extends VfChange> changes) {
    MessageWriter out = new MessageWriter(RouteMessage.SETLINK, MessageHeader.ACK);
    new LinkHeader(0, 0, 0, 0).pack(out.room(LinkHeader.SIZE));
    out.text(LinkAttribute.IFNAME, pf);
    int list = out.startNest(LinkAttribute.VFINFO_LIST);
    changes.forEach((vf, change) -> info(out, vf, change));
    return out.endNest(list);
  }

  private static void info(MessageWriter out, int vf, VfChange change) {
    int info = out.startNest(LinkAttribute.VF_INFO);
    pack(out, vf, change);
    out.endNest(info);
  }

  private static void pack(MessageWriter out, int vf, VfChange change) {
    switch (change) {
      // struct ifla_vf_mac: vf (u32), mac (32 bytes).
      case VfChange.Mac(HardwareAddress address) ->
          out.bytes(
              LinkAttribute.VF_MAC,
              struct(36).putInt(vf).put(Arrays.copyOf(address.bytes(), 32)).array());
      // IFLA_VF_VLAN_LIST { struct ifla_vf_vlan_info: vf, vlan, qos (u32), vlan_proto (be16), pad
      // }.
      // Without the padding of the struct recent kernels answer EINVAL.
      case VfChange.Vlan(int id, int qos, VlanProtocol protocol) -> {
        int nest = out.startNest(LinkAttribute.VF_VLAN_LIST);
        ByteBuffer info = struct(16).putInt(vf).putInt(id).putInt(qos);
        info.order(ByteOrder.BIG_ENDIAN).putShort((short) protocol.etherType());
        out.bytes(LinkAttribute.VF_VLAN_INFO, info.array()).endNest(nest);
      }
      // struct ifla_vf_rate: vf, min_tx_rate, max_tx_rate (u32 each).
      case VfChange.Rate(int min, int max) ->
          out.bytes(LinkAttribute.VF_RATE, struct(12).putInt(vf).putInt(min).putInt(max).array());
      case VfChange.SpoofChk(boolean on) -> setting(out, LinkAttribute.VF_SPOOFCHK, vf, on ? 1 : 0);
      case VfChange.Trust(boolean on) -> setting(out, LinkAttribute.VF_TRUST, vf, on ? 1 : 0);
      case VfChange.LinkState(VfLinkState state) ->
          setting(out, LinkAttribute.VF_LINK_STATE, vf, state.number());
      case VfChange.RssQuery(boolean on) ->
          setting(out, LinkAttribute.VF_RSS_QUERY_EN, vf, on ? 1 : 0);
      case VfChange.NodeGuid(long guid) -> guid(out, LinkAttribute.VF_IB_NODE_GUID, vf, guid);
      case VfChange.PortGuid(long guid) -> guid(out, LinkAttribute.VF_IB_PORT_GUID, vf, guid);
    }
  }

  /** {@code struct ifla_vf_spoofchk} and its like: vf (u32), setting (u32). */
  private static void setting(MessageWriter out, int attribute, int vf, int value) {
    out.bytes(attribute, struct(8).putInt(vf).putInt(value).array());
  }

  /** {@code struct ifla_vf_guid}: vf (u32), padding, guid (u64). */
  private static void guid(MessageWriter out, int attribute, int vf, long value) {
    out.bytes(attribute, struct(16).putInt(vf).putInt(0).putLong(value).array());
  }

  private static ByteBuffer struct(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }
}
