package io.sriov.plan.node;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Name of a function's folder under {@code /sys/bus/pci/devices}, e.g. {@code 0000:d8:00.0}. */
public record PciAddress(@JsonValue String value) implements Comparable<PciAddress> {

  @JsonCreator
  public PciAddress {}

  @Override
  public int compareTo(PciAddress other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
