package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What happens to a drain that is blocked for longer than the pool allows. */
public enum OnDrainTimeout {
  @JsonProperty("wait")
  WAIT("wait"),
  @JsonProperty("giveUp")
  GIVE_UP("giveUp"),
  @JsonProperty("proceed")
  PROCEED("proceed");

  private final String value;

  OnDrainTimeout(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
