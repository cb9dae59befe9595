package io.sriov.node.reconcile;

import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfInUse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Says which pods hold which VFs, for as long as they run. */
final class SimulatedKubelet implements PodsOnVfs {

  private final List<VfInUse> users = new CopyOnWriteArrayList<>();

  void starts(String pod, PciAddress vf) {
    users.add(new VfInUse(vf, pod, "main"));
  }

  void ends(String pod) {
    users.removeIf(use -> use.pod().equals(pod));
  }

  List<String> pods() {
    return users.stream().map(VfInUse::pod).distinct().sorted().toList();
  }

  boolean held(PciAddress vf) {
    return users.stream().anyMatch(use -> use.vf().equals(vf));
  }

  @Override
  public List<VfInUse> on(Inventory inventory) {
    return List.copyOf(users);
  }
}
