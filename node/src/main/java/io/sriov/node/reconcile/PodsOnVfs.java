package io.sriov.node.reconcile;

import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.VfInUse;
import java.util.List;

/** Who holds the node's VFs. */
@FunctionalInterface
public interface PodsOnVfs {

  /**
   * Containers that hold VFs of {@code inventory}, of any resource. When that cannot be found out,
   * every VF counts as held and the pod's name says why.
   */
  List<VfInUse> on(Inventory inventory);
}
