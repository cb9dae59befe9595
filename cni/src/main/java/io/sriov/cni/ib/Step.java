package io.sriov.cni.ib;

import io.sriov.linux.netlink.VfChange;
import java.util.ArrayList;
import java.util.List;

/** One change on the way of a VF into a pod. */
sealed interface Step {

  /** A setting made through the PF. */
  record Configure(VfChange change) implements Step {}

  /** Binds the VF to its driver anew, which is when it takes its GUID. */
  record Rebind() implements Step {}

  /** Moves its RDMA device; before the netdev, which comes anew then. */
  record MoveRdma() implements Step {}

  /** Moves the netdev into the pod and renames it, in one request. */
  record Enter(String podName) implements Step {}

  /** Takes the interface up. */
  record BringUp() implements Step {}

  /**
   * The way of a VF into a pod.
   *
   * @param userspace whether vfio-pci has it; then there is nothing to move
   */
  static List<Step> into(VfWish wish, boolean userspace, String podName) {
    List<Step> steps = new ArrayList<>();
    wish.changes().forEach(change -> steps.add(new Configure(change)));
    if (!userspace) {
      if (wish.guid().isPresent()) {
        steps.add(new Rebind());
      }
      if (wish.isolated()) {
        steps.add(new MoveRdma());
      }
      steps.add(new Enter(podName));
      steps.add(new BringUp());
    }
    return List.copyOf(steps);
  }
}
