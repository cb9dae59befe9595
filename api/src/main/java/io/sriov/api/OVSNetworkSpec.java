package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an Open vSwitch VF network (spec 01 §1.6).
 *
 * @param vlan 0–4095; 0 is not written to the CNI configuration
 * @param mtu bytes; 0 is not written to the CNI configuration
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record OVSNetworkSpec(
    @Nullable String networkNamespace,
    @Required String resourceName,
    @Nullable String capabilities,
    @Nullable String ipam,
    @Nullable String bridge,
    @OmitZero @Min(0) @Max(4095) int vlan,
    @OmitZero int mtu,
    List<Trunk> trunk,
    @Nullable String interfaceType,
    @Nullable String metaPlugins) {

  public OVSNetworkSpec {
    resourceName = Absent.toEmpty(resourceName);
    trunk = Absent.toEmpty(trunk);
  }

  /** VLAN ids allowed on a trunk port, each 0–4095: one id or a range. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Trunk(
      @Nullable @Min(0) @Max(4095) Integer id,
      @Nullable @Min(0) @Max(4095) Integer minID,
      @Nullable @Min(0) @Max(4095) Integer maxID) {}
}
