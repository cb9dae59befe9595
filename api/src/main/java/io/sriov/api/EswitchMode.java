package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Mode of the embedded switch; absent counts as {@code legacy}. */
public enum EswitchMode {
  @JsonProperty("legacy")
  LEGACY("legacy"),
  @JsonProperty("switchdev")
  SWITCHDEV("switchdev");

  private final String value;

  EswitchMode(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
