package io.sriov.plan.audit;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.VfRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A VF as all witnesses show it, if all of them answered.
 *
 * @param spec what is wanted of its PF, absent if no policy names the PF, or two entries do
 * @param pods that have it by the kubelet
 * @param attached containers that have it by the CNI plugins' state files
 */
record SeenVf(Pf pf, Vf vf, @Nullable Interface spec, List<String> pods, List<Attached> attached) {

  VfAt at() {
    return VfAt.of(pf, vf);
  }

  /** Who uses it by any witness, for people; empty if it is free. */
  String user() {
    if (!pods.isEmpty()) {
      return "pod " + pods.getFirst();
    }
    if (!attached.isEmpty()) {
      return "container " + attached.getFirst().container();
    }
    return vf.netdevElsewhere() ? "an unknown network namespace" : "";
  }

  boolean free() {
    return user().isEmpty();
  }

  /** Whether a policy offers it to pods. */
  boolean offered() {
    return spec != null
        && spec.vfGroups().stream()
            .flatMap(group -> VfRange.parse(group.vfRange()).stream())
            .anyMatch(range -> range.contains(vf.id()));
  }

  /**
   * Whether what the PF says of it is the operator's business: a PF that is managed externally may
   * have been given its settings for a purpose.
   */
  boolean managed() {
    return offered() && spec != null && !spec.externallyManaged() && pf.hangs() == null;
  }
}
