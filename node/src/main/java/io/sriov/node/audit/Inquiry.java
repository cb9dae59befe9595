package io.sriov.node.audit;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.node.host.Host;
import io.sriov.plan.audit.Answer;
import io.sriov.plan.audit.CniState;
import io.sriov.plan.audit.VfNames;
import io.sriov.plan.audit.Witnesses;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears all witnesses. Used by one thread. */
public final class Inquiry {

  private static final Logger log = LoggerFactory.getLogger(Inquiry.class);

  private final Host host;
  private final Holders kubelet;
  private final StateFileReader stateFiles;
  private Map<PciAddress, String> names = Map.of();

  public Inquiry(Host host, Holders kubelet, StateFileReader stateFiles) {
    this.host = host;
    this.kubelet = kubelet;
    this.stateFiles = stateFiles;
  }

  /**
   * What they say now. The kubelet is asked last: a pod is given its VF before anything else
   * happens to the VF, so whatever the others show of a pod that begins, the kubelet knows it.
   *
   * @param patience longest wait for the kubelet
   * @throws IOException if the kernel does not answer, without which there is nothing to compare
   */
  Witnesses now(SriovNetworkNodeStateSpec desired, Duration patience) throws IOException {
    return since(host.inventory(), desired, patience);
  }

  /**
   * As {@link #now}, of a node whose kernel said {@code kernel} some time ago. What changed since
   * can make a finding that is none, which is to be looked at anew, or hide one until the next
   * look.
   */
  Witnesses since(Inventory kernel, SriovNetworkNodeStateSpec desired, Duration patience) {
    Answer<CniState> cni = stateFiles();
    Answer<List<VfInUse>> pods =
        nothingToHold(kernel, cni) ? new Answer.Given<>(List.of()) : kubelet.now(patience);
    if (pods instanceof Answer.Silence<List<VfInUse>>(String why)) {
      log.debug("the kubelet does not say which pods have VFs: {}", why);
    }
    Map<PciAddress, String> before = names;
    names = VfNames.after(before, kernel);
    return new Witnesses(kernel, pods, cni, desired, names);
  }

  /** A node without VFs need not ask who has them. */
  private static boolean nothingToHold(Inventory kernel, Answer<CniState> cni) {
    return kernel.pfs().stream().allMatch(pf -> pf.vfs().isEmpty())
        && cni.equals(new Answer.Given<>(CniState.EMPTY));
  }

  private Answer<CniState> stateFiles() {
    try {
      return new Answer.Given<>(stateFiles.read());
    } catch (IOException e) {
      log.debug("state files of the CNI plugins cannot be read: {}", e.getMessage());
      return new Answer.Silence<>(String.valueOf(e.getMessage()));
    }
  }
}
