package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Desired VFs (spec 01 §1.2).
 *
 * @param resourceName pool name, offered as {@code <prefix>/<resourceName>}
 * @param nodeSelector labels a node must carry; empty selects every node
 * @param priority 0 (strongest) to 99; null where the webhook did not run, see {@link
 *     #priorityOrStrongest}
 * @param mtu bytes; 0 leaves the MTU alone
 * @param numVfs VFs per PF; 0 contributes nothing
 * @param nicSelector which PFs
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkNodePolicySpec(
    @Required String resourceName,
    @Required Map<String, String> nodeSelector,
    @Nullable @Min(0) @Max(99) Integer priority,
    @OmitZero @Min(1) int mtu,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Required @Min(0) int numVfs,
    @Required NicSelector nicSelector,
    @Nullable @Default("netdevice") DeviceType deviceType,
    @Nullable Boolean isRdma,
    @OmitZero boolean needVhostNet,
    @Nullable LinkType linkType,
    @Nullable EswitchMode eSwitchMode,
    @Nullable VdpaType vdpaType,
    @OmitZero boolean excludeTopology,
    @OmitZero boolean externallyManaged,
    @Nullable Bridge bridge) {

  public SriovNetworkNodePolicySpec {
    resourceName = Absent.toEmpty(resourceName);
    nodeSelector = Absent.toEmpty(nodeSelector);
    nicSelector = nicSelector == null ? NicSelector.NONE : nicSelector;
  }

  /** The priority the merge uses: an absent one is read as 0 (spec 01 §1.2). */
  public int priorityOrStrongest() {
    return priority == null ? 0 : priority;
  }

  /** Whether the pool offers RDMA; absent is false. */
  public boolean rdma() {
    return Boolean.TRUE.equals(isRdma);
  }

  /** Which PFs: AND across members, OR inside a list; all empty selects nothing. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record NicSelector(
      @Nullable String vendor,
      @Nullable String deviceID,
      List<String> rootDevices,
      List<String> pfNames,
      @Nullable String netFilter) {

    static final NicSelector NONE = new NicSelector(null, null, List.of(), List.of(), null);

    public NicSelector {
      rootDevices = Absent.toEmpty(rootDevices);
      pfNames = Absent.toEmpty(pfNames);
    }

    /** Whether no criterion is set. */
    @JsonIgnore
    public boolean isEmpty() {
      return Absent.isEmpty(vendor)
          && Absent.isEmpty(deviceID)
          && rootDevices.isEmpty()
          && pfNames.isEmpty()
          && Absent.isEmpty(netFilter);
    }
  }

  /** Software bridge to build over the PF. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Bridge(@Nullable OvsPolicy ovs) {}

  /** Open vSwitch bridge and its uplink; its presence, even empty, requests the bridge. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record OvsPolicy(@Nullable OvsBridge bridge, @Nullable OvsUplink uplink) {}

  /** Holder of the uplink's interface settings. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record OvsUplink(@JsonProperty("interface") @Nullable OvsInterface iface) {}
}
