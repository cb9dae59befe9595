package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** vDPA device type of a VF. */
public enum VdpaType {
  @JsonProperty("virtio")
  VIRTIO("virtio"),
  @JsonProperty("vhost")
  VHOST("vhost");

  private final String value;

  VdpaType(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
