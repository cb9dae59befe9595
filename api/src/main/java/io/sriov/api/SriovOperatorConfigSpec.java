package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the whole stack (spec 01 §1.8).
 *
 * @param configDaemonNodeSelector replaces the default selector of managed nodes when not empty
 * @param logLevel 0–2, 2 is most verbose
 * @param rebootPolicy null is {@link RebootPolicy#REBOOT}; our addition
 * @param maxReboots how often one generation may reboot a node, from 1; null is 3; our addition
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovOperatorConfigSpec(
    Map<String, String> configDaemonNodeSelector,
    @Nullable Boolean enableInjector,
    @Nullable Boolean enableOperatorWebhook,
    @Nullable @Min(0) @Max(2) Integer logLevel,
    @Nullable Boolean disableDrain,
    @Nullable Boolean enableOvsOffload,
    @Nullable ConfigurationMode configurationMode,
    @Nullable Boolean useCDI,
    List<DisabledPlugin> disablePlugins,
    Map<String, Boolean> featureGates,
    Map<String, String> configDaemonEnvVars,
    @Nullable RebootPolicy rebootPolicy,
    @Nullable @Min(1) Integer maxReboots) {

  public SriovOperatorConfigSpec {
    configDaemonNodeSelector = Absent.toEmpty(configDaemonNodeSelector);
    disablePlugins = Absent.toEmpty(disablePlugins);
    featureGates = Absent.toEmpty(featureGates);
    configDaemonEnvVars = Absent.toEmpty(configDaemonEnvVars);
  }
}
