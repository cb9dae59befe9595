package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a node that needs a reboot is rebooted or says so. */
public enum RebootPolicy {
  @JsonProperty("reboot")
  REBOOT("reboot"),
  @JsonProperty("report")
  REPORT("report");

  private final String value;

  RebootPolicy(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
