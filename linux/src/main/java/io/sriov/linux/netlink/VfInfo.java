package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a PF's driver reports of one VF: the nest {@code IFLA_VF_INFO} of linux/if_link.h. A driver
 * leaves out VFs it cannot query, so look for {@link #index}, not for a position.
 *
 * @param index number of the VF as in {@code virtfnN}
 * @param mac administrative address, all zero if unset
 * @param vlan VLAN id 0–4095, 0 without
 * @param qos VLAN priority 0–7
 * @param vlanProto protocol of the VLAN tag; empty if the driver reports none
 * @param spoofChk empty if the driver reports none (the kernel presets −1)
 * @param trust empty if the driver reports none
 * @param linkState what the VF is shown
 * @param minTxRate Mb/s, 0 for none
 * @param maxTxRate Mb/s, 0 for none
 * @param rssQuery whether the VF may read its RSS configuration; empty if the driver reports none
 * @param nodeGuid InfiniBand node GUID the PF has set; empty if the driver reports none
 * @param portGuid InfiniBand port GUID the PF has set; empty if the driver reports none
 */
public record VfInfo(
    int index,
    HardwareAddress mac,
    int vlan,
    int qos,
    Optional<VlanProtocol> vlanProto,
    Optional<Boolean> spoofChk,
    Optional<Boolean> trust,
    VfLinkState linkState,
    int minTxRate,
    int maxTxRate,
    Optional<Boolean> rssQuery,
    OptionalLong nodeGuid,
    OptionalLong portGuid) {

  /** A VF whose driver reports no GUIDs, as every Ethernet driver. */
  public VfInfo(
      int index,
      HardwareAddress mac,
      int vlan,
      int qos,
      Optional<VlanProtocol> vlanProto,
      Optional<Boolean> spoofChk,
      Optional<Boolean> trust,
      VfLinkState linkState,
      int minTxRate,
      int maxTxRate,
      Optional<Boolean> rssQuery) {
    this(
        index,
        mac,
        vlan,
        qos,
        vlanProto,
        spoofChk,
        trust,
        linkState,
        minTxRate,
        maxTxRate,
        rssQuery,
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  private static final int ETHERNET = 6;
  private static final int INFINIBAND = 20;

  /**
   * Reads one nest. {@code struct ifla_vf_mac}: vf (u32), mac (32 bytes). {@code ifla_vf_vlan}: vf,
   * vlan, qos (u32 each). {@code ifla_vf_rate}: vf, min, max. {@code ifla_vf_spoofchk}, {@code
   * _trust}, {@code _link_state}, {@code _rss_query_en}: vf, setting. {@code ifla_vf_guid}: vf
   * (u32), padding, guid (u64).
   *
   * @param addressLength length of the PF's own address, which the VF's has too
   */
  static VfInfo parse(ByteBuffer nest, int addressLength) throws LinuxException {
    int index = -1;
    HardwareAddress mac = HardwareAddress.of(new byte[ETHERNET]);
    int vlan = 0;
    int qos = 0;
    Optional<VlanProtocol> vlanProto = Optional.empty();
    Optional<Boolean> spoofChk = Optional.empty();
    Optional<Boolean> trust = Optional.empty();
    Optional<Boolean> rssQuery = Optional.empty();
    VfLinkState linkState = VfLinkState.AUTO;
    int minTxRate = 0;
    int maxTxRate = 0;
    OptionalLong nodeGuid = OptionalLong.empty();
    OptionalLong portGuid = OptionalLong.empty();
    while (nest.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(nest);
      switch (attribute.type()) {
        case LinkAttribute.VF_MAC -> {
          byte[] struct = new byte[36];
          attribute.atLeast(struct.length).get(0, struct);
          index = attribute.u32();
          int length = addressLength == INFINIBAND ? INFINIBAND : ETHERNET;
          mac = HardwareAddress.of(Arrays.copyOfRange(struct, 4, 4 + length));
        }
        case LinkAttribute.VF_VLAN -> {
          ByteBuffer struct = attribute.atLeast(12);
          vlan = struct.getInt(4);
          qos = struct.getInt(8);
        }
        case LinkAttribute.VF_VLAN_LIST -> vlanProto = protocolOf(attribute.nest());
        case LinkAttribute.VF_TX_RATE -> maxTxRate = attribute.atLeast(8).getInt(4);
        case LinkAttribute.VF_RATE -> {
          ByteBuffer struct = attribute.atLeast(12);
          minTxRate = struct.getInt(4);
          maxTxRate = struct.getInt(8);
        }
        case LinkAttribute.VF_SPOOFCHK -> spoofChk = setting(attribute);
        case LinkAttribute.VF_TRUST -> trust = setting(attribute);
        case LinkAttribute.VF_RSS_QUERY_EN -> rssQuery = setting(attribute);
        case LinkAttribute.VF_LINK_STATE ->
            linkState = VfLinkState.of(attribute.atLeast(8).getInt(4));
        case LinkAttribute.VF_IB_NODE_GUID ->
            nodeGuid = OptionalLong.of(attribute.atLeast(16).getLong(8));
        case LinkAttribute.VF_IB_PORT_GUID ->
            portGuid = OptionalLong.of(attribute.atLeast(16).getLong(8));
        default -> {}
      }
    }
    if (index < 0) {
      throw Malformed.because("IFLA_VF_INFO without IFLA_VF_MAC");
    }
    return new VfInfo(
        index, mac, vlan, qos, vlanProto, spoofChk, trust, linkState, minTxRate, maxTxRate,
        rssQuery, nodeGuid, portGuid);
  }

  private static Optional<Boolean> setting(Attribute attribute) throws LinuxException {
    int value = attribute.atLeast(8).getInt(4);
    return value == -1 ? Optional.empty() : Optional.of(value != 0);
  }

  /** {@code struct ifla_vf_vlan_info}: vf, vlan, qos (u32 each), vlan_proto (be16), pad. */
  private static Optional<VlanProtocol> protocolOf(ByteBuffer nest) throws LinuxException {
    while (nest.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(nest);
      if (attribute.type() == LinkAttribute.VF_VLAN_INFO) {
        int proto =
            Short.toUnsignedInt(
                attribute.atLeast(14).duplicate().order(ByteOrder.BIG_ENDIAN).getShort(12));
        return proto == 0 ? Optional.empty() : Optional.of(VlanProtocol.of(proto));
      }
    }
    return Optional.empty();
  }
}
