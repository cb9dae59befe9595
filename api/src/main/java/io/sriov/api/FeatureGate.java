package io.sriov.api;

import java.util.Map;

/**
 * Optional behaviours switched by {@code SriovOperatorConfig.spec.featureGates} (spec 01 §1.8.1).
 */
public enum FeatureGate {
  PARALLEL_NIC_CONFIG("parallelNicConfig", false),
  RESOURCE_INJECTOR_MATCH_CONDITION("resourceInjectorMatchCondition", false),
  METRICS_EXPORTER("metricsExporter", false),
  MANAGE_SOFTWARE_BRIDGES("manageSoftwareBridges", false),
  BLOCK_DEVICE_PLUGIN_UNTIL_CONFIGURED("blockDevicePluginUntilConfigured", true),
  MELLANOX_FIRMWARE_RESET("mellanoxFirmwareReset", true);

  private final String key;
  private final boolean onByDefault;

  FeatureGate(String key, boolean onByDefault) {
    this.key = key;
    this.onByDefault = onByDefault;
  }

  /** Name in the configuration. */
  public String key() {
    return key;
  }

  /** State when the configuration does not name the gate. */
  public boolean onByDefault() {
    return onByDefault;
  }

  /** State under {@code configured}, the map of the operator configuration. */
  public boolean in(Map<String, Boolean> configured) {
    return configured.getOrDefault(key, onByDefault);
  }
}
