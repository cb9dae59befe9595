package io.sriov.cni.protocol;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import java.util.Map;

/**
 * A call that passed the checks of the protocol (spec 04 §1.4).
 *
 * @param config the configuration on stdin, an object or null
 * @param stdin the same as bytes, for plugins it is handed on to
 * @param cniVersion never empty
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Request(
    Environment environment, Json config, byte[] stdin, String name, String cniVersion) {

  /** Longest accepted configuration in bytes. */
  public static final int LONGEST_CONFIG = 1024 * 1024;

  /**
   * Checks in the order of the specification: environment, JSON, name, version.
   *
   * @throws CniException code 4, 6, 7 or 1
   */
  public static Request of(Map<String, String> variables, byte[] stdin) throws CniException {
    Environment environment = Environment.of(variables);
    if (stdin.length > LONGEST_CONFIG) {
      throw new CniException(
          CniException.INVALID_CONFIG, "the network configuration on stdin is longer than 1 MiB");
    }
    Json config;
    String name;
    String version;
    try {
      config = JsonReader.read(stdin);
      Fields fields = Fields.of(config);
      name = fields.text("name");
      version = fields.text("cniVersion");
    } catch (JsonException e) {
      throw new CniException(
          CniException.DECODING_FAILURE,
          "the network configuration on stdin cannot be decoded",
          String.valueOf(e.getMessage()));
    }
    if (name.isEmpty()) {
      throw new CniException(
          CniException.INVALID_CONFIG, "the network configuration has no \"name\"");
    }
    if (!Environment.IDENTIFIER.matcher(name).matches()) {
      throw new CniException(
          CniException.INVALID_CONFIG, "the network name has invalid characters", name);
    }
    String effective = version.isEmpty() ? CniVersion.OLDEST : version;
    CniVersion.require(effective, environment.command());
    return new Request(environment, config, stdin, name, effective);
  }
}
