package io.sriov.cni.plugin;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import java.util.List;

/**
 * Which RDMA device a pod has, as the Go plugins write it: the state file of rdma, and a member of
 * that of ib-sriov (spec 04 §5.2, §5.5).
 *
 * @param version of this record, {@link #VERSION}; empty where nothing is moved
 * @param deviceId what the device hangs on
 * @param onHost name on the host
 * @param inPod name in the pod, which is the same: the kernel renames nothing in a move
 */
public record RdmaNetState(String version, String deviceId, String onHost, String inPod) {

  static final String VERSION = "1.0";

  /** No device is moved. */
  public static final RdmaNetState NONE = new RdmaNetState("", "", "", "");

  /** A device that is moved under its name. */
  public static RdmaNetState of(String deviceId, String name) {
    return new RdmaNetState(VERSION, deviceId, name, name);
  }

  /** Reads its members. */
  public static RdmaNetState of(Fields fields) throws JsonException {
    return new RdmaNetState(
        fields.text("version"),
        fields.text("deviceID"),
        fields.text("sandboxRdmaDevName"),
        fields.text("containerRdmaDevName"));
  }

  /** Its members in the Go plugins' order. */
  public List<Json.Member> members() {
    return List.of(
        new Json.Member("version", Json.of(version)),
        new Json.Member("deviceID", Json.of(deviceId)),
        new Json.Member("sandboxRdmaDevName", Json.of(onHost)),
        new Json.Member("containerRdmaDevName", Json.of(inPod)));
  }
}
