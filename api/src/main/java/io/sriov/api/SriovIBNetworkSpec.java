package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** Settings of an InfiniBand VF network (spec 01 §1.5). */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovIBNetworkSpec(
    @Nullable String networkNamespace,
    @Required String resourceName,
    @Nullable String capabilities,
    @Nullable String ipam,
    @Nullable LinkState linkState,
    @Nullable String metaPlugins) {

  public SriovIBNetworkSpec {
    resourceName = Absent.toEmpty(resourceName);
  }
}
