package io.sriov.cni.ib;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VfLinkState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A VF as it was before a pod got it (spec 04 §5.2). The Go plugin records the first two; what it
 * does not is our member {@code foundVf}.
 *
 * @param hostName name of its netdev, empty without one
 * @param hostGuid {@code HostIFGUID}: GUID of its netdev if another was asked for, else empty; all
 *     ones for a VF without a netdev
 * @param nodeGuid as the PF's driver reported it
 * @param portGuid as the PF's driver reported it
 * @param linkState as the PF's driver reported it
 */
record FoundVf(
    String hostName,
    String hostGuid,
    Optional<Guid> nodeGuid,
    Optional<Guid> portGuid,
    Optional<VfLinkState> linkState) {

  /** What is recorded before a VF's first change. */
  static FoundVf of(
      String hostName, Optional<Guid> shown, boolean guidAsked, Optional<VfInfo> reported) {
    String hostGuid = guidAsked ? shown.orElse(Guid.ALL_ONES).toString() : "";
    return new FoundVf(
        hostName,
        // The Go plugin writes it in capitals where there is no netdev.
        shown.isEmpty() ? hostGuid.toUpperCase(Locale.ROOT) : hostGuid,
        guid(reported.map(VfInfo::nodeGuid)),
        guid(reported.map(VfInfo::portGuid)),
        reported.map(VfInfo::linkState));
  }

  private static Optional<Guid> guid(Optional<OptionalLong> reported) {
    return reported.filter(OptionalLong::isPresent).map(value -> new Guid(value.getAsLong()));
  }

  /** Reads the members of a state file. */
  static FoundVf of(Fields state) throws JsonException {
    Fields ours = state.object("foundVf");
    return new FoundVf(
        state.text("HostIFNames"),
        state.text("HostIFGUID"),
        Guid.parse(ours.text("nodeGUID")),
        Guid.parse(ours.text("portGUID")),
        ours.optionalInteger("linkState").map(number -> VfLinkState.of(number.intValue())));
  }

  /** What only our state files have. */
  Json ours() {
    List<Json.Member> members = new ArrayList<>();
    linkState.ifPresent(
        state -> members.add(new Json.Member("linkState", Json.of(state.number()))));
    nodeGuid.ifPresent(guid -> members.add(new Json.Member("nodeGUID", Json.of(guid.toString()))));
    portGuid.ifPresent(guid -> members.add(new Json.Member("portGUID", Json.of(guid.toString()))));
    return new Json.Obj(members);
  }

  /** Whether the GUIDs were changed and must be put back. */
  boolean guidsChanged() {
    return !hostGuid.isEmpty();
  }

  /** The node GUID to put back: a zero, or one that cannot be read, becomes all ones. */
  Guid nodeGuidBack() {
    return back(nodeGuid);
  }

  /** The port GUID to put back, as {@link #nodeGuidBack}. */
  Guid portGuidBack() {
    return back(portGuid);
  }

  private Guid back(Optional<Guid> reported) {
    return reported
        .or(() -> Guid.parse(hostGuid))
        .filter(guid -> guid.value() != 0)
        .orElse(Guid.ALL_ONES);
  }
}
