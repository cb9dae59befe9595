package io.sriov.deviceplugin.config;

import java.util.List;

/**
 * A decoded and validated configuration file.
 *
 * @param pools in the file's order, which decides who owns a device that several would select
 * @param warnings one sentence for each pool that was dropped, and for what is legal but doubtful
 */
public record PluginConfig(List<PoolConfig> pools, List<String> warnings) {

  public PluginConfig {
    pools = List.copyOf(pools);
    warnings = List.copyOf(warnings);
  }

  /** Whether the file named pools but none of them can be used: a mistake, not a wish for none. */
  public boolean nothingUsable() {
    return pools.isEmpty() && !warnings.isEmpty();
  }
}
