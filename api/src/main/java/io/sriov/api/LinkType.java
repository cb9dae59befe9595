package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Link layer of a port; both spellings are accepted and mean the same. */
public enum LinkType {
  @JsonProperty("eth")
  ETH_LOWER("eth"),
  @JsonProperty("ETH")
  ETH("ETH"),
  @JsonProperty("ib")
  IB_LOWER("ib"),
  @JsonProperty("IB")
  IB("IB");

  private final String value;

  LinkType(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
