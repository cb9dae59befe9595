package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A switch written as text. */
public enum OnOff {
  @JsonProperty("on")
  ON("on"),
  @JsonProperty("off")
  OFF("off");

  private final String value;

  OnOff(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
