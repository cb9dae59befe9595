package io.sriov.deviceplugin.pool;

import io.sriov.deviceplugin.config.PoolConfig;
import java.util.List;

/**
 * Which facts beyond sysfs a configuration needs: they cost a question to the driver for each
 * function, or a process.
 *
 * @param rdmaEnabled {@link PciFunction#rdmaEnabled}
 * @param ddpProfile {@link PciFunction#ddpProfile}
 */
public record FactsWanted(boolean rdmaEnabled, boolean ddpProfile) {

  public static final FactsWanted NONE = new FactsWanted(false, false);

  /** Those that a selector of {@code pools} compares. */
  public static FactsWanted of(List<PoolConfig> pools) {
    var selectors = pools.stream().flatMap(pool -> pool.selectors().stream()).toList();
    return new FactsWanted(
        selectors.stream().anyMatch(selector -> selector.isRdma()),
        selectors.stream().anyMatch(selector -> !selector.ddpProfiles().isEmpty()));
  }
}
