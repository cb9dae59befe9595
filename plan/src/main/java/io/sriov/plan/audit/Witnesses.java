package io.sriov.plan.audit;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfInUse;
import java.util.List;
import java.util.Map;

/**
 * All that is known of the VFs of a node. What the kernel says may be some seconds older than the
 * rest.
 *
 * @param kernel facts of the host; who holds VFs is not asked of it
 * @param kubelet VFs that are given to containers
 * @param cni state files of the CNI plugins
 * @param desired what the NodeState asks for
 * @param names names that VFs' netdevs had on the host before, see {@link VfNames}
 */
public record Witnesses(
    Inventory kernel,
    Answer<List<VfInUse>> kubelet,
    Answer<CniState> cni,
    SriovNetworkNodeStateSpec desired,
    Map<PciAddress, String> names) {

  public Witnesses {
    names = Map.copyOf(names);
  }

  /** Whether everybody answered. */
  public boolean complete() {
    return kubelet.given().isPresent() && cni.given().isPresent();
  }
}
