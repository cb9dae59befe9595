package io.sriov.cni.rdma;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.RdmaNetState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A pod's hold on an RDMA device, as its state file tells: the members of the Go plugin's file
 * (spec 04 §5.5), so that either can release what the other attached, and one of ours, {@code
 * attachment}.
 *
 * @param own empty in a file of the Go plugin
 */
record RdmaState(RdmaNetState moved, Optional<Journal> own) {

  static RdmaState of(Json json) throws JsonException {
    Fields fields = Fields.of(json);
    RdmaNetState moved = RdmaNetState.of(fields);
    if (moved.inPod().isEmpty()) {
      throw new JsonException("containerRdmaDevName is missing");
    }
    if (!DeviceId.isOne(moved.deviceId())) {
      throw new JsonException(
          "deviceID \"" + moved.deviceId() + "\" is neither a PCI address nor an auxiliary device");
    }
    return new RdmaState(
        moved,
        fields.has("attachment")
            ? Optional.of(Journal.of(fields.object("attachment")))
            : Optional.empty());
  }

  Json json() {
    List<Json.Member> members = new ArrayList<>(moved.members());
    own.ifPresent(ours -> members.add(new Json.Member("attachment", ours.json())));
    return new Json.Obj(members);
  }

  boolean isIn(Phase phase) {
    return own.map(Journal::phase).orElse(Phase.ATTACHED) == phase;
  }

  RdmaState with(Journal journal) {
    return new RdmaState(moved, Optional.of(journal));
  }
}
