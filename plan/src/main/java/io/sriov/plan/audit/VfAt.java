package io.sriov.plan.audit;

import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.PciAddress;

/**
 * Which VF.
 *
 * @param pfName name of the PF's netdev
 * @param id index on its PF, from 0
 */
public record VfAt(PciAddress pf, String pfName, PciAddress vf, int id) {

  static VfAt of(Pf pf, Vf vf) {
    return new VfAt(pf.pci(), pf.name(), vf.pci(), vf.id());
  }

  @Override
  public String toString() {
    return "PF " + pfName + " VF " + id + " (" + vf + ")";
  }
}
