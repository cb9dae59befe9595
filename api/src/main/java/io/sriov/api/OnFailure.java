package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What happens when a node cannot apply a new spec. */
public enum OnFailure {
  @JsonProperty("stop")
  STOP("stop"),
  @JsonProperty("rollback")
  ROLLBACK("rollback");

  private final String value;

  OnFailure(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
