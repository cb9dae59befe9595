package io.sriov.cni.sriov;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.linux.netlink.VlanProtocol;
import java.util.List;
import java.util.Optional;

/**
 * A VF as it was before a pod got it: the member {@code OrigVfState} of a state file (spec 04
 * §3.3).
 *
 * @param hostName name of its netdev, empty if it has none
 * @param adminMac empty in state files of old releases
 * @param effectiveMac of the netdev; empty without one, and if it was all zero
 * @param vlanProto ethertype, 0 if the driver reports none
 * @param mtu of the netdev in bytes, 0 without one
 */
record FoundVf(
    String hostName,
    Optional<HardwareAddress> adminMac,
    Optional<HardwareAddress> effectiveMac,
    int vlan,
    int vlanQos,
    int vlanProto,
    boolean spoofChk,
    boolean trust,
    int minTxRate,
    int maxTxRate,
    VfLinkState linkState,
    int mtu) {

  /** What a VF is like that nobody has touched; for the VF of a state file that cannot be read. */
  static final FoundVf UNTOUCHED =
      new FoundVf(
          "",
          Optional.of(HardwareAddress.of(new byte[6])),
          Optional.empty(),
          0,
          0,
          0,
          true,
          false,
          0,
          0,
          VfLinkState.AUTO,
          0);

  /** From what the kernel says now. A setting that the driver does not report is taken for on. */
  static FoundVf of(VfInfo vf, Optional<Link> netdev) {
    return new FoundVf(
        netdev.map(Link::name).orElse(""),
        Optional.of(vf.mac()),
        netdev.map(Link::mac).filter(mac -> !mac.isZero() && mac.length() > 0),
        vf.vlan(),
        vf.qos(),
        vf.vlanProto().map(VlanProtocol::etherType).orElse(0),
        vf.spoofChk().orElse(true),
        vf.trust().orElse(true),
        vf.minTxRate(),
        vf.maxTxRate(),
        vf.linkState(),
        netdev.map(Link::mtu).orElse(0));
  }

  /** The change that puts back what {@code change} replaces. */
  VfChange insteadOf(VfChange change) {
    return switch (change) {
      case VfChange.Vlan _ -> new VfChange.Vlan(vlan, vlanQos, VlanProtocol.of(vlanProto));
      case VfChange.Mac _ ->
          new VfChange.Mac(adminMac.orElseGet(() -> HardwareAddress.of(new byte[6])));
      case VfChange.Rate _ -> new VfChange.Rate(minTxRate, maxTxRate);
      case VfChange.SpoofChk _ -> new VfChange.SpoofChk(spoofChk);
      case VfChange.Trust _ -> new VfChange.Trust(trust);
      case VfChange.LinkState _ -> new VfChange.LinkState(linkState);
      case VfChange.RssQuery _, VfChange.NodeGuid _, VfChange.PortGuid _ ->
          throw new IllegalArgumentException(change + " is not made by this plugin");
    };
  }

  static FoundVf of(Fields fields) throws JsonException {
    return new FoundVf(
        fields.text("HostIFName"),
        HardwareAddress.parse(fields.text("AdminMAC")),
        HardwareAddress.parse(fields.text("EffectiveMAC")),
        integer(fields, "Vlan"),
        integer(fields, "VlanQoS"),
        integer(fields, "VlanProto"),
        fields.bool("SpoofChk"),
        fields.bool("Trust"),
        integer(fields, "MinTxRate"),
        integer(fields, "MaxTxRate"),
        VfLinkState.of(integer(fields, "LinkState")),
        integer(fields, "MTU"));
  }

  Json json() {
    return new Json.Obj(
        List.of(
            new Json.Member("AdminMAC", Json.of(text(adminMac))),
            new Json.Member("EffectiveMAC", Json.of(text(effectiveMac))),
            new Json.Member("HostIFName", Json.of(hostName)),
            new Json.Member("LinkState", Json.of(linkState.number())),
            new Json.Member("MTU", Json.of(mtu)),
            new Json.Member("MaxTxRate", Json.of(maxTxRate)),
            new Json.Member("MinTxRate", Json.of(minTxRate)),
            new Json.Member("SpoofChk", Json.of(spoofChk)),
            new Json.Member("Trust", Json.of(trust)),
            new Json.Member("Vlan", Json.of(vlan)),
            new Json.Member("VlanProto", Json.of(vlanProto)),
            new Json.Member("VlanQoS", Json.of(vlanQos))));
  }

  private static int integer(Fields fields, String name) throws JsonException {
    return Math.toIntExact(
        Math.clamp(fields.optionalInteger(name).orElse(0L), 0, Integer.MAX_VALUE));
  }

  private static String text(Optional<HardwareAddress> address) {
    return address.map(HardwareAddress::toString).orElse("");
  }
}
