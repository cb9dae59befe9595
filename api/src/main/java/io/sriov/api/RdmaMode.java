package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** RDMA subsystem network namespace mode of a node. */
public enum RdmaMode {
  @JsonProperty("shared")
  SHARED("shared"),
  @JsonProperty("exclusive")
  EXCLUSIVE("exclusive");

  private final String value;

  RdmaMode(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
