package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Administrative link state of a VF. */
public enum LinkState {
  @JsonProperty("auto")
  AUTO("auto"),
  @JsonProperty("enable")
  ENABLE("enable"),
  @JsonProperty("disable")
  DISABLE("disable");

  private final String value;

  LinkState(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
