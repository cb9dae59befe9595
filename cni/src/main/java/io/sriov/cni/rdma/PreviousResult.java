package io.sriov.cni.rdma;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.CniVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The result of the plugin before, which is handed on. */
record PreviousResult(Json.Obj document) {

  /**
   * A result of the versions up to 0.2.0 has one address each of IPv4 and IPv6 and no interface.
   */
  private static final String FIRST_WITH_INTERFACES = "0.3.0";

  /** From here on an address does not tell its family. */
  private static final String FIRST_WITHOUT_FAMILY = "1.0.0";

  /**
   * Reads {@code prevResult}.
   *
   * @throws CniException code 999 if there is none, for rdma makes no interface of its own
   */
  static PreviousResult of(RdmaConf conf) throws CniException {
    Json value =
        conf.prevResult()
            .orElseThrow(() ->
                CniException.internal(
                    "prevResult is missing: rdma must stand behind another plugin in the list"
                        + " \"plugins\", e.g. in metaPlugins of a SriovNetwork"));
    if (!(value instanceof Json.Obj document)) {
      throw CniException.internal("prevResult must be an object, not a " + value.kind());
    }
    return new PreviousResult(document);
  }

  /** MAC of the only interface; empty if there are several, or none. */
  Optional<String> onlyMac() throws CniException {
    try {
      List<Json> interfaces = Fields.of(document).array("interfaces");
      return interfaces.size() == 1
          ? Optional.of(Fields.of(interfaces.getFirst()).text("mac")).filter(mac -> !mac.isEmpty())
          : Optional.empty();
    } catch (JsonException e) {
      throw CniException.internal("prevResult is wrong", e);
    }
  }

  /** The same in the shape of a configuration's version, member by member as it was. */
  Json in(String version) throws CniException {
    String own;
    try {
      own = Fields.of(document).text("cniVersion");
    } catch (JsonException e) {
      throw CniException.internal("prevResult is wrong", e);
    }
    String given = own.isEmpty() ? version : own;
    if (isBefore(given, FIRST_WITH_INTERFACES) != isBefore(version, FIRST_WITH_INTERFACES)) {
      throw CniException.internal(
          "prevResult of cniVersion " + given + " cannot be told in cniVersion " + version);
    }
    boolean withFamily =
        !isBefore(version, FIRST_WITH_INTERFACES) && isBefore(version, FIRST_WITHOUT_FAMILY);
    boolean sameShape = withFamily == isBefore(given, FIRST_WITHOUT_FAMILY);
    List<Json.Member> members = new ArrayList<>();
    members.add(new Json.Member("cniVersion", Json.of(version)));
    for (Json.Member member : document.members()) {
      if (member.key().equals("ips") && !sameShape && !isBefore(version, FIRST_WITH_INTERFACES)) {
        members.add(new Json.Member("ips", ips(member.value(), withFamily)));
      } else if (!member.key().equals("cniVersion")) {
        members.add(member);
      }
    }
    return new Json.Obj(members);
  }

  private static boolean isBefore(String version, String other) throws CniException {
    return CniVersion.compare(version, other) < 0;
  }

  private static Json ips(Json value, boolean withFamily) {
    if (!(value instanceof Json.Arr(List<Json> items))) {
      return value;
    }
    return new Json.Arr(items.stream().map(item -> ip(item, withFamily)).toList());
  }

  private static Json ip(Json item, boolean withFamily) {
    if (!(item instanceof Json.Obj(List<Json.Member> members))) {
      return item;
    }
    List<Json.Member> changed = new ArrayList<>(members);
    changed.removeIf(member -> member.key().equals("version"));
    if (withFamily) {
      boolean v6 =
          members.stream()
              .anyMatch(member ->
                  member.key().equals("address")
                      && member.value() instanceof Json.Text(String address)
                      && address.indexOf(':') >= 0);
      changed.addFirst(new Json.Member("version", Json.of(v6 ? "6" : "4")));
    }
    return new Json.Obj(changed);
  }
}
