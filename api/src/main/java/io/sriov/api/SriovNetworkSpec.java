package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an Ethernet VF network (spec 01 §1.4).
 *
 * @param vlan 0–4094; 0 is untagged
 * @param vlanQoS 0–7
 * @param minTxRate Mbit/s; null is not set, 0 is "no minimum"
 * @param maxTxRate Mbit/s; null is not set, 0 is "no limit"
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkSpec(
    @Nullable String networkNamespace,
    @Required String resourceName,
    @Nullable String capabilities,
    @Nullable String ipam,
    @OmitZero @Min(0) @Max(4094) int vlan,
    @OmitZero @Min(0) @Max(7) int vlanQoS,
    @Nullable VlanProto vlanProto,
    @Nullable OnOff spoofChk,
    @Nullable OnOff trust,
    @Nullable LinkState linkState,
    @Nullable @Min(0) Integer minTxRate,
    @Nullable @Min(0) Integer maxTxRate,
    @Nullable String metaPlugins,
    @Nullable @Default("info") LogLevel logLevel,
    @Nullable String logFile) {

  public SriovNetworkSpec {
    resourceName = Absent.toEmpty(resourceName);
  }
}
