package io.sriov.plan.node;

import java.util.Set;

/** Drivers of VFs. */
public final class Drivers {

  private static final Set<String> USERSPACE = Set.of("vfio-pci", "igb_uio", "uio_pci_generic");

  private Drivers() {}

  /**
   * Whether a driver gives a VF to a process instead of the kernel's network stack (spec 03 §0.3).
   */
  public static boolean isUserspace(String driver) {
    return USERSPACE.contains(driver);
  }
}
