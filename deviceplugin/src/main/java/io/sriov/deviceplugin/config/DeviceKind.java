package io.sriov.deviceplugin.config;

import java.util.Arrays;
import java.util.Optional;

/** {@code deviceType} of a pool (spec 05 §2.2). */
public enum DeviceKind {
  /** PCI functions of network class: PFs without VFs, and VFs. */
  NET_DEVICE("netDevice", 0x02, "net-pci"),
  /** PCI functions of the processing accelerator class. */
  ACCELERATOR("accelerator", 0x12, "net-accel"),
  /** Auxiliary network devices (scalable functions) of a PCI function of network class. */
  AUX_NET_DEVICE("auxNetDevice", 0x02, "net-sf");

  private final String key;
  private final int baseClass;
  private final String cdiClass;

  DeviceKind(String key, int baseClass, String cdiClass) {
    this.key = key;
    this.baseClass = baseClass;
    this.cdiClass = cdiClass;
  }

  /** As in the configuration file. */
  public String key() {
    return key;
  }

  /** PCI base class of the functions looked at (linux/pci_ids.h, upper byte of the class). */
  public int baseClass() {
    return baseClass;
  }

  /** Class part of the CDI kind (spec 05 §8). */
  public String cdiClass() {
    return cdiClass;
  }

  static Optional<DeviceKind> of(String key) {
    return key.isEmpty()
        ? Optional.of(NET_DEVICE)
        : Arrays.stream(values()).filter(kind -> kind.key.equals(key)).findFirst();
  }
}
