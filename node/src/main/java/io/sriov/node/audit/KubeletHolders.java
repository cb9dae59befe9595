package io.sriov.node.audit;

import io.sriov.kubelet.KubeletException;
import io.sriov.kubelet.PodResources;
import io.sriov.plan.audit.Answer;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfInUse;
import java.time.Duration;
import java.util.List;

/** Asks the kubelet's pod-resources API; device ids of VF pools are PCI addresses. */
public final class KubeletHolders implements Holders {

  private final PodResources kubelet;

  public KubeletHolders(PodResources kubelet) {
    this.kubelet = kubelet;
  }

  @Override
  public Answer<List<VfInUse>> now(Duration deadline) {
    try {
      PodResources.Listing listing = kubelet.listing(_ -> true, deadline);
      if (listing.pods() == 0) {
        // This daemon runs in a pod, so there is one: the kubelet was restarted a moment ago.
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
}
