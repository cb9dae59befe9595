package io.sriov.node.reconcile;

import io.sriov.kubelet.KubeletException;
import io.sriov.kubelet.PodResources;
import io.sriov.plan.audit.Answer;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfInUse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the kubelet's pod-resources API; device ids of VF pools are PCI addresses. */
public final class KubeletPods implements PodsOnVfs {

  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(KubeletPods.class);

  private final PodResources kubelet;

  public KubeletPods(PodResources kubelet) {
    this.kubelet = kubelet;
  }

  @Override
  public List<VfInUse> on(Inventory inventory) {
    Set<PciAddress> vfs =
        inventory.pfs().stream()
            .flatMap(pf -> pf.vfs().stream())
            .map(Vf::pci)
            .collect(Collectors.toSet());
    return switch (all(DEADLINE)) {
      case Answer.Given<List<VfInUse>>(var users) ->
          users.stream().filter(use -> vfs.contains(use.vf())).distinct().toList();
      case Answer.Silence<List<VfInUse>>(String why) -> unknown(vfs, why);
    };
  }

  /** Every device given to a container, as if it were a VF; silence if that is not known. */
  public Answer<List<VfInUse>> all(Duration deadline) {
    try {
      PodResources.Listing listing = kubelet.listing(_ -> true, deadline);
      if (listing.pods() == 0) {
        // This daemon runs in a pod, so there is one: the kubelet was restarted and waits for the
        // API server. Pods on vfio-pci leave no other trace on the host.
        return new Answer.Silence<>("the kubelet knows no pods yet");
      }
      return new Answer.Given<>(
          listing.allocations().stream()
              .flatMap(allocation ->
                  allocation.deviceIds().stream()
                      .map(id ->
                          new VfInUse(
                              new PciAddress(id),
                              allocation.namespace() + "/" + allocation.pod(),
                              allocation.container())))
              .toList());
    } catch (KubeletException e) {
      return new Answer.Silence<>(String.valueOf(e.getMessage()));
    }
  }

  private static List<VfInUse> unknown(Set<PciAddress> vfs, String why) {
    log.warn("VFs are left alone, because the kubelet does not say who holds them: {}", why);
    return vfs.stream()
        .map(vf -> new VfInUse(vf, "unknown, the kubelet does not answer", ""))
        .toList();
  }
}
