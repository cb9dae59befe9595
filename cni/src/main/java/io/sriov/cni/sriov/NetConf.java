package io.sriov.cni.sriov;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.protocol.Dns;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The configuration as it was written: types are checked, values not yet (spec 04 §2.1). Keys that
 * are not listed are ignored, as is {@code mtu}: a VF's MTU belongs to the node's policy.
 *
 * @param deviceId PCI address of the VF
 * @param mac address asked for by the configuration itself
 * @param runtimeMac address asked for by the pod through the capability {@code mac}
 * @param ipamType empty without IPAM
 * @param dns kept for the state file only
 * @param capabilities kept for the state file only
 */
record NetConf(
    String cniVersion,
    String name,
    String type,
    String deviceId,
    Optional<Long> vlan,
    Optional<Long> vlanQos,
    Optional<String> vlanProto,
    String mac,
    String runtimeMac,
    Optional<Long> minTxRate,
    Optional<Long> maxTxRate,
    String spoofChk,
    String trust,
    String linkState,
    String ipamType,
    Dns dns,
    List<Json.Member> capabilities,
    Optional<Json> prevResult,
    String logLevel,
    String logFile) {

  /** Decodes a configuration, or the part of a state file that is one. */
  static NetConf of(Json config) throws JsonException {
    Fields fields = Fields.of(config);
    requireTypesOfUpstreamMembers(fields);
    Optional<Json> previous = fields.any("prevResult").filter(value -> !value.equals(Json.NULL));
    List<Json.Member> unused = fields.object("prevResult").members();
    return new NetConf(
        fields.text("cniVersion"),
        fields.text("name"),
        fields.text("type"),
        fields.text("deviceID"),
        fields.optionalInteger("vlan"),
        fields.optionalInteger("vlanQoS"),
        fields.optionalText("vlanProto"),
        fields.text("mac"),
        fields.object("runtimeConfig").text("mac"),
        fields.optionalInteger("min_tx_rate"),
        fields.optionalInteger("max_tx_rate"),
        fields.text("spoofchk"),
        fields.text("trust"),
        fields.text("link_state"),
        fields.object("ipam").text("type"),
        Dns.of(fields.object("dns")),
        fields.booleans("capabilities"),
        previous,
        fields.text("logLevel"),
        fields.text("logFile"));
  }

  /**
   * The configuration as it is remembered: what was decided on in place of what was written.
   *
   * @param address PCI address of the VF
   * @param resolvedMac empty if none was asked for
   */
  NetConf decided(String address, String resolvedMac) {
    return new NetConf(
        cniVersion,
        name,
        type,
        address,
        vlan,
        vlan.isPresent() ? Optional.of(vlanQos.orElse(0L)) : vlanQos,
        vlan.isPresent()
            ? Optional.of(vlanProto.orElse("802.1q").toLowerCase(Locale.ROOT))
            : vlanProto,
        resolvedMac,
        runtimeMac,
        minTxRate,
        maxTxRate,
        spoofChk,
        trust,
        linkState,
        ipamType,
        dns,
        capabilities,
        prevResult,
        logLevel,
        logFile);
  }

  boolean asksForVlan() {
    return vlan.isPresent();
  }

  boolean asksForRate() {
    return minTxRate.isPresent() || maxTxRate.isPresent();
  }

  /** Members that the Go plugin decodes by accident: ignored, but of another type they fail. */
  private static void requireTypesOfUpstreamMembers(Fields fields) throws JsonException {
    String unusedMaster = fields.text("Master");
    Optional<Long> unusedVf = fields.optionalInteger("VFID");
    Optional<Long> unusedMtu = fields.optionalInteger("MTU");
    Fields unusedState = fields.object("OrigVfState");
  }
}
