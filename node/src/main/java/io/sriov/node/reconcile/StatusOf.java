package io.sriov.node.reconcile;

import io.sriov.api.NodeSystem;
import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import io.sriov.api.SriovNetworkNodeStateStatus.VirtualFunction;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Sriov;
import io.sriov.plan.node.Inventory.Vf;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Facts of the node as NodeState status shows them (spec 03 §2). */
final class StatusOf {

  private StatusOf() {}

  static List<InterfaceExt> interfaces(Inventory inventory) {
    return inventory.pfs().stream().map(pf -> pf(pf, inventory)).toList();
  }

  static @Nullable NodeSystem system(Inventory inventory) {
    return Arrays.stream(RdmaMode.values())
        .filter(mode -> mode.value().equals(inventory.rdmaMode()))
        .findFirst()
        .map(NodeSystem::new)
        .orElse(null);
  }

  private static InterfaceExt pf(Pf pf, Inventory inventory) {
    Sriov sriov = pf.sriov();
    return new InterfaceExt(
        pf.name(),
        pf.mac(),
        pf.driver(),
        pf.pci().value(),
        pf.vendor(),
        pf.deviceId(),
        null,
        pf.mtu(),
        pf.numVfs(),
        pf.linkSpeed(),
        pf.linkType(),
        pf.linkAdminState(),
        sriov == null ? null : sriov.eswitchMode(),
        inventory.externallyManaged(pf.pci()),
        sriov == null ? 0 : sriov.totalVfs(),
        pf.vfs().stream().map(StatusOf::vf).toList(),
        pf.altNames());
  }

  private static VirtualFunction vf(Vf vf) {
    return new VirtualFunction(
        vf.name(),
        vf.mac(),
        null,
        vf.driver(),
        vf.pci().value(),
        vf.vendor(),
        vf.deviceId(),
        0,
        vf.mtu(),
        vf.id(),
        vf.vdpaType(),
        vf.representorName(),
        vf.guid());
  }
}
