package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;

/** How a PF is called in messages. */
final class Pf {

  private Pf() {}

  /** The netdev name, or the PCI address of a PF without netdev. */
  static String label(InterfaceExt pf) {
    String name = pf.name();
    return name == null || name.isEmpty() ? pf.pciAddress() : name;
  }
}
