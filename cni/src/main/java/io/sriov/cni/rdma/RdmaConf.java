package io.sriov.cni.rdma;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.protocol.CniException;
import java.util.Optional;

/**
 * The configuration of the rdma plugin (spec 04 §5.5).
 *
 * @param deviceId PCI address of a VF or name of an auxiliary device; empty to look for the VF with
 *     the address in {@code prevResult}
 * @param debug {@code args.cni.debug}: log more
 * @param prevResult what the plugin before printed
 */
record RdmaConf(String deviceId, boolean debug, Optional<Json> prevResult) {

  static RdmaConf of(Json config) throws CniException {
    try {
      Fields fields = Fields.of(config);
      return new RdmaConf(
          fields.text("deviceID"),
          fields.object("args").object("cni").bool("debug"),
          fields.any("prevResult").filter(value -> !value.equals(Json.NULL)));
    } catch (JsonException e) {
      throw CniException.internal("the network configuration is wrong", e);
    }
  }
}
