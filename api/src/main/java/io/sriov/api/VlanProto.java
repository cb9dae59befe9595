package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** VLAN tag protocol; both spellings are accepted. */
public enum VlanProto {
  @JsonProperty("802.1q")
  Q_LOWER("802.1q"),
  @JsonProperty("802.1Q")
  Q("802.1Q"),
  @JsonProperty("802.1ad")
  AD_LOWER("802.1ad"),
  @JsonProperty("802.1AD")
  AD("802.1AD");

  private final String value;

  VlanProto(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
