package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Vendor part of the config daemon that can be switched off. */
public enum DisabledPlugin {
  @JsonProperty("mellanox")
  MELLANOX("mellanox");

  private final String value;

  DisabledPlugin(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
