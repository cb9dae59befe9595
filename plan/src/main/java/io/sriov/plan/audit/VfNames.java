package io.sriov.plan.audit;

import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.PciAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of VFs' netdevs: which are those of the host, and which look like a pod's. */
public final class VfNames {

  /**
   * Interfaces of pods ({@code eth0}, {@code net1}), the Go plugin's name for a VF on its way, and
   * the kernel's for one that comes back from a namespace when its name is taken.
   */
  private static final Pattern AS_IN_PODS = Pattern.compile("(eth|net|temp_|dev)\\d+");

  /** Those that the kernel itself gives to new netdevs, so that a host may well keep them. */
  private static final Pattern AS_THE_KERNEL_SAYS = Pattern.compile("eth\\d+");

  private VfNames() {}

  /**
   * What is known after a look: a name of the host's own replaces the one before, since whoever
   * renames a VF on purpose does not call it {@code net1}.
   */
  public static Map<PciAddress, String> after(Map<PciAddress, String> before, Inventory kernel) {
    var known = new HashMap<>(before);
    kernel.pfs().stream()
        .flatMap(pf -> pf.vfs().stream())
        .forEach(vf -> {
          if (vf.name() != null && !asInPods(vf.name())) {
            known.put(vf.pci(), vf.name());
          }
        });
    return Map.copyOf(known);
  }

  /** Whether the VF's netdev was left with a pod's name. */
  static boolean left(Vf vf, @Nullable String known) {
    return vf.name() != null
        && asInPods(vf.name())
        && (known != null || !AS_THE_KERNEL_SAYS.matcher(vf.name()).matches());
  }

  private static boolean asInPods(String name) {
    return AS_IN_PODS.matcher(name).matches();
  }
}
