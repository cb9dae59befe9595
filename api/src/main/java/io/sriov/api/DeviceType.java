package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Driver class of a VF group. */
public enum DeviceType {
  @JsonProperty("netdevice")
  NETDEVICE("netdevice"),
  @JsonProperty("vfio-pci")
  VFIO_PCI("vfio-pci");

  private final String value;

  DeviceType(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
