package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an Open vSwitch bridge does while no controller is connected. */
public enum FailMode {
  @JsonProperty("secure")
  SECURE("secure"),
  @JsonProperty("standalone")
  STANDALONE("standalone");

  private final String value;

  FailMode(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
