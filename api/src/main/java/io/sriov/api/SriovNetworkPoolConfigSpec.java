package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool of nodes (spec 01 §1.7).
 *
 * @param nodeSelector null or empty selects every node
 * @param maxUnavailable nodes that may be drained at once, number or {@code N%}; null is no limit
 * @param paused whether drains and reboots wait; our addition, as all that follow
 * @param maintenanceWindows outside of which drains and reboots wait; none is at any time
 * @param drainTimeout after which a blocked drain is reported, e.g. {@code 30m}; null is 10 minutes
 * @param onDrainTimeout what happens then; null is {@link OnDrainTimeout#WAIT}
 * @param onFailure what happens when a node cannot apply its spec; null is {@link OnFailure#STOP}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkPoolConfigSpec(
    @Nullable OvsHardwareOffloadConfig ovsHardwareOffloadConfig,
    @Nullable LabelSelector nodeSelector,
    @Nullable IntOrString maxUnavailable,
    @Nullable RdmaMode rdmaMode,
    @Nullable Boolean paused,
    List<MaintenanceWindow> maintenanceWindows,
    @Nullable String drainTimeout,
    @Nullable OnDrainTimeout onDrainTimeout,
    @Nullable OnFailure onFailure) {

  /** What {@code nodeSelector.matchExpressions[].operator} may be; the CRD refuses others. */
  public static final List<String> SELECTOR_OPERATORS =
      List.of("In", "NotIn", "Exists", "DoesNotExist");

  /** A pool of which nothing is asked. */
  public static final SriovNetworkPoolConfigSpec EMPTY =
      new SriovNetworkPoolConfigSpec(null, null, null, null, null, List.of(), null, null, null);

  public SriovNetworkPoolConfigSpec {
    maintenanceWindows = Absent.toEmpty(maintenanceWindows);
  }

  /** Machine config pool whose nodes get Open vSwitch hardware offload (OpenShift). */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record OvsHardwareOffloadConfig(@Nullable String name) {}
}
