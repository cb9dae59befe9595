package io.sriov.deviceplugin.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One entry of {@code resourceList} (spec 05 §2.2).
 *
 * @param prefix its own {@code resourcePrefix}, or the process's
 * @param selectors at least one
 * @param excludeTopology whether the kubelet is not told the NUMA node
 * @param additionalInfo by {@code *} or PCI address; absent and empty differ (spec 05 §6.1)
 */
public record PoolConfig(
    String prefix,
    String name,
    DeviceKind kind,
    List<Selector> selectors,
    boolean excludeTopology,
    Optional<Map<String, Map<String, String>>> additionalInfo) {

  public PoolConfig {
    selectors = List.copyOf(selectors);
  }

  /** The extended resource pods ask for, e.g. {@code openshift.io/nic}. */
  public String resource() {
    return prefix + "/" + name;
  }
}
