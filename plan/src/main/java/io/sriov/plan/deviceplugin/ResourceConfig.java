package io.sriov.plan.deviceplugin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** An element of {@code resourceList}, members in upstream's order (spec 01 §5.2). */
@JsonPropertyOrder({"resourceName", "excludeTopology", "selectors", "SelectorObj"})
record ResourceConfig(
    String resourceName,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean excludeTopology,
    Selectors selectors) {

  /** An artefact of upstream's types that clients compare. */
  @JsonProperty("SelectorObj")
  @JsonInclude(JsonInclude.Include.ALWAYS)
  @Nullable Object selectorObj() {
    return null;
  }

  /** Which VFs: AND across members, OR inside a list. */
  @JsonPropertyOrder({
    "vendors",
    "devices",
    "pfNames",
    "rootDevices",
    "linkTypes",
    "IsRdma",
    "NeedVhostNet",
    "vdpaType"
  })
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Selectors(
      SequencedSet<String> vendors,
      SequencedSet<String> devices,
      SequencedSet<String> pfNames,
      SequencedSet<String> rootDevices,
      SequencedSet<String> linkTypes,
      @JsonInclude(JsonInclude.Include.ALWAYS) @JsonProperty("IsRdma") boolean isRdma,
      @JsonInclude(JsonInclude.Include.ALWAYS) @JsonProperty("NeedVhostNet") boolean needVhostNet,
      @Nullable String vdpaType) {}

  /** A list with no resources is {@code null}, not {@code []}. */
  record ResourceList(
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable List<ResourceConfig> resourceList) {}
}
