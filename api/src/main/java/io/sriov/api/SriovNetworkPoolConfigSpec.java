package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import org.jspecify.annotations.Nullable;

/**
 * A pool of nodes (spec 01 §1.7).
 *
 * @param nodeSelector null or empty selects every node
 * @param maxUnavailable nodes that may be drained at once, number or {@code N%}; null is no limit
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkPoolConfigSpec(
    @Nullable OvsHardwareOffloadConfig ovsHardwareOffloadConfig,
    @Nullable LabelSelector nodeSelector,
    @Nullable IntOrString maxUnavailable,
    @Nullable RdmaMode rdmaMode) {

  /** Machine config pool whose nodes get Open vSwitch hardware offload (OpenShift). */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record OvsHardwareOffloadConfig(@Nullable String name) {}
}
