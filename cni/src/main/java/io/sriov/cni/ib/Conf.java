package io.sriov.cni.ib;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Dns;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The configuration as it was written: types are checked, values not yet (spec 04 §5.1). Keys that
 * are not listed are ignored, as is {@code pkey}, which is for ib-kubernetes.
 *
 * @param deviceId PCI address
 * @param runtimeGuid GUID asked for by the pod through the capability {@code infinibandGUID}
 * @param cniArgs {@code args.cni}, all strings
 * @param ipamType empty without IPAM
 */
record Conf(
    String cniVersion,
    String name,
    String type,
    String deviceId,
    String pkey,
    String linkState,
    boolean rdmaIsolation,
    boolean ibKubernetes,
    boolean vfioPciMode,
    String runtimeGuid,
    List<Json.Member> cniArgs,
    String ipamType,
    Dns dns,
    List<Json.Member> capabilities,
    Optional<Json> prevResult) {

  /** Decodes a configuration, or the part of a state file that is one. */
  static Conf of(Json config) throws JsonException {
    Fields fields = Fields.of(config);
    Optional<Json> previous = fields.any("prevResult").filter(value -> !value.equals(Json.NULL));
    List<Json.Member> unused = fields.object("prevResult").members();
    return new Conf(
        fields.text("cniVersion"),
        fields.text("name"),
        fields.text("type"),
        fields.text("deviceID"),
        fields.text("pkey"),
        fields.text("link_state"),
        fields.bool("rdmaIsolation"),
        fields.bool("ibKubernetesEnabled"),
        fields.bool("vfioPciMode"),
        fields.object("runtimeConfig").text("infinibandGUID"),
        strings(fields.object("args").object("cni")),
        fields.object("ipam").text("type"),
        Dns.of(fields.object("dns")),
        fields.booleans("capabilities"),
        previous);
  }

  /** As {@link #of}, of a call. */
  static Conf decoded(Json config) throws CniException {
    try {
      return of(config);
    } catch (JsonException e) {
      throw CniException.internal("the network configuration is wrong", e);
    }
  }

  private static List<Json.Member> strings(Fields fields) throws JsonException {
    List<Json.Member> result = new ArrayList<>();
    for (Json.Member member : fields.members()) {
      switch (member.value()) {
        case Json.Text _ -> result.add(member);
        case Json.Null _ -> result.add(new Json.Member(member.key(), Json.of("")));
        default -> throw new JsonException("args.cni." + member.key() + " must be a string");
      }
    }
    return List.copyOf(result);
  }

  /** A value of {@code args.cni}, empty if there is none. */
  String cniArg(String key) {
    String result = "";
    for (Json.Member member : cniArgs) {
      if (member.key().equals(key) && member.value() instanceof Json.Text(String text)) {
        result = text;
      }
    }
    return result;
  }

  /** The GUID asked for: the pod's wish counts before the arguments; empty without. */
  String guid() {
    return runtimeGuid.isEmpty() ? cniArg("guid") : runtimeGuid;
  }

  /** The configuration as it is remembered. */
  Conf decided(String address, boolean userspace) {
    return new Conf(
        cniVersion,
        name,
        type,
        address,
        pkey,
        linkState,
        rdmaIsolation,
        ibKubernetes,
        userspace,
        runtimeGuid,
        cniArgs,
        ipamType,
        dns,
        capabilities,
        prevResult);
  }
}
