package io.sriov.plan.audit;

import io.sriov.plan.node.PciAddress;

/** Who has a MAC address. */
public sealed interface MacHolder {

  /** A PF. */
  record OfPf(PciAddress pf, String name) implements MacHolder {
    @Override
    public String toString() {
      return "PF " + name + " (" + pf + ")";
    }
  }

  /**
   * A VF, by its netdev or by what its PF enforces.
   *
   * @param user pod or state file by which the VF is in use, empty if it is free
   */
  record OfVf(VfAt at, String user) implements MacHolder {
    @Override
    public String toString() {
      return at + (user.isEmpty() ? "" : ", held by " + user);
    }
  }
}
