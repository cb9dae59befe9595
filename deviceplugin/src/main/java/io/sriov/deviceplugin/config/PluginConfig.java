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
}
