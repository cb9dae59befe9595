package io.sriov.node.reconcile;

import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * VFs that the kubelet lists, and those that the CNI server put into a pod's network namespace and
 * that are still away: a kubelet that was just restarted lists no pod before it has read them from
 * the API server, although they run.
 */
public final class HeldVfs implements PodsOnVfs {

  /** What CNI attached and did not detach. */
  @FunctionalInterface
  public interface Attachments {
    /** PCI address of the VF to id of the container. */
    Map<String, String> now() throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(HeldVfs.class);

  private final PodsOnVfs kubelet;
  private final Attachments attachments;

  public HeldVfs(PodsOnVfs kubelet, Attachments attachments) {
    this.kubelet = kubelet;
    this.attachments = attachments;
  }

  @Override
  public List<VfInUse> on(Inventory inventory) {
    List<VfInUse> users = new ArrayList<>(kubelet.on(inventory));
    Set<?> listed = users.stream().map(VfInUse::vf).collect(Collectors.toSet());
    List<Vf> away =
        inventory.pfs().stream()
            .flatMap(pf -> pf.vfs().stream())
            .filter(vf -> vf.netdevElsewhere() && !listed.contains(vf.pci()))
            .toList();
    if (!away.isEmpty()) {
      Map<String, String> attached = attached();
      for (Vf vf : away) {
        String container = attached == null ? "unknown" : attached.get(vf.pci().value());
        if (container != null) {
          users.add(
              new VfInUse(vf.pci(), "container " + container + ", not listed by the kubelet", ""));
        }
      }
    }
    return List.copyOf(users);
  }

  /** Null if it cannot be found out. */
  private @Nullable Map<String, String> attached() {
    try {
      return attachments.now();
    } catch (IOException e) {
      log.warn("VFs without netdev are left alone: {}", e.getMessage());
      return null;
    }
  }
}
