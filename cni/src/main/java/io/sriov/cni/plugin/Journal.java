package io.sriov.cni.plugin;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the Go plugins do not record: member {@code attachment} of a state file.
 *
 * @param requestId of the ADD, so that its repetition after a lost connection gets its result
 * @param netns {@code CNI_NETNS} of the ADD
 * @param podIndex number of the netdev in the pod, 0 if not known
 * @param userspace the VF has no netdev
 * @param wasUp the netdev was up on the host
 * @param droppedAltNames alternative names to give back
 * @param ipamAsked the IPAM plugin may have given addresses
 * @param result of a complete ADD
 */
public record Journal(
    Phase phase,
    String requestId,
    String containerId,
    String ifname,
    String netns,
    int podIndex,
    boolean userspace,
    boolean wasUp,
    List<String> droppedAltNames,
    boolean ipamAsked,
    Optional<Json> result) {

  /** Reads it from a state file. */
  public static Journal of(Fields fields) throws JsonException {
    return new Journal(
        Phase.of(fields.text("phase")),
        fields.text("requestID"),
        fields.text("containerID"),
        fields.text("ifname"),
        fields.text("netns"),
        fields.optionalInteger("podIndex").orElse(0L).intValue(),
        fields.bool("userspace"),
        fields.bool("wasUp"),
        fields.texts("droppedAltNames"),
        fields.bool("ipamAsked"),
        fields.any("result"));
  }

  /** As it stands in a state file. */
  public Json json() {
    List<Json.Member> members = new ArrayList<>();
    members.add(new Json.Member("containerID", Json.of(containerId)));
    List<Json> names = new ArrayList<>();
    droppedAltNames.forEach(name -> names.add(Json.of(name)));
    members.add(new Json.Member("droppedAltNames", new Json.Arr(names)));
    members.add(new Json.Member("ifname", Json.of(ifname)));
    members.add(new Json.Member("ipamAsked", Json.of(ipamAsked)));
    members.add(new Json.Member("netns", Json.of(netns)));
    members.add(new Json.Member("phase", Json.of(phase.word())));
    members.add(new Json.Member("podIndex", Json.of(podIndex)));
    members.add(new Json.Member("requestID", Json.of(requestId)));
    result.ifPresent(value -> members.add(new Json.Member("result", value)));
    members.add(new Json.Member("userspace", Json.of(userspace)));
    members.add(new Json.Member("wasUp", Json.of(wasUp)));
    return new Json.Obj(members);
  }

  /** The same in another phase. */
  public Journal in(Phase newPhase) {
    return new Journal(
        newPhase,
        requestId,
        containerId,
        ifname,
        netns,
        podIndex,
        userspace,
        wasUp,
        droppedAltNames,
        ipamAsked,
        result);
  }

  /** The same with the addresses given back, or not. */
  public Journal withIpamAsked(boolean asked) {
    return new Journal(
        phase,
        requestId,
        containerId,
        ifname,
        netns,
        podIndex,
        userspace,
        wasUp,
        droppedAltNames,
        asked,
        result);
  }

  /**
   * A complete attachment.
   *
   * @param index number of the netdev in the pod, 0 without one
   * @param printed the result
   */
  public Journal attachedAs(int index, Json printed) {
    return new Journal(
        Phase.ATTACHED,
        requestId,
        containerId,
        ifname,
        netns,
        index,
        userspace,
        wasUp,
        droppedAltNames,
        ipamAsked,
        Optional.of(printed));
  }
}
