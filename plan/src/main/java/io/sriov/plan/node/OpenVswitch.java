package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hardware offload of the host's Open vSwitch, which PFs in switchdev mode need and which it takes
 * up only when it starts (spec 03 §5.4). The package's unit stays as it is; a drop-in of ours sets
 * the option before each start.
 *
 * @param unit content of {@link #UNIT_FILE}, absent on a host without Open vSwitch
 * @param dropIn content of {@link #DROP_IN_FILE}, absent without it
 * @param bootId of the running kernel
 */
public record OpenVswitch(@Nullable String unit, @Nullable String dropIn, String bootId) {

  public static final String UNIT_FILE = "/usr/lib/systemd/system/ovs-vswitchd.service";
  public static final String DROP_IN_FILE =
      "/etc/systemd/system/ovs-vswitchd.service.d/10-sriov-hw-offload.conf";

  private static final String OPTION =
      "ExecStartPre=/bin/ovs-vsctl --no-wait set Open_vSwitch . other_config:hw-offload=true";
  private static final String IN_EFFECT_AFTER = "# In effect after boot ";

  /** Whether the plan depends on what Open vSwitch says about its offload. */
  public boolean isToBeAsked(SriovNetworkNodeStateSpec desired) {
    return wantsSwitchdev(desired) && unit != null && !has(unit) && dropIn == null;
  }

  /**
   * {@code plan} with what Open vSwitch needs.
   *
   * @param offloads whether it said that it offloads; false also if it could not be asked
   */
  public NodePlan added(NodePlan plan, SriovNetworkNodeStateSpec desired, boolean offloads) {
    if (!wantsSwitchdev(desired) || unit == null) {
      return dropIn == null
          ? plan
          : with(
              plan,
              List.of(
                  new HostStep.RemoveFile(
                      DROP_IN_FILE, "no PF needs the offload of Open vSwitch any more")),
              List.of());
    }
    if (isToBeAsked(desired)) {
      return with(
          plan,
          List.of(
              new HostStep.WriteFile(
                  DROP_IN_FILE,
                  content(offloads),
                  "PFs in switchdev mode need the offload of Open vSwitch")),
          offloads ? List.of() : reason());
    }
    return dropIn != null && dropIn.contains(IN_EFFECT_AFTER + bootId + "\n")
        ? with(plan, List.of(), reason())
        : plan;
  }

  /**
   * With the boot in which it was written while the offload was off, so that a reboot stays due.
   */
  private String content(boolean offloads) {
    return "# This file is managed by sriov-network-operator do not edit.\n"
        + (offloads ? "" : IN_EFFECT_AFTER + bootId + "\n")
        + "[Service]\n"
        + OPTION
        + "\n";
  }

  private static List<String> reason() {
    return List.of("Open vSwitch does not offload to PFs in switchdev mode before it starts anew");
  }

  private static boolean has(String unit) {
    return unit.lines().map(String::strip).anyMatch(OPTION::equals);
  }

  private static boolean wantsSwitchdev(SriovNetworkNodeStateSpec desired) {
    return desired.interfaces().stream()
        .anyMatch(pf -> EswitchPlan.SWITCHDEV.equals(pf.eSwitchMode()));
  }

  private static NodePlan with(NodePlan plan, List<HostStep> steps, List<String> reasons) {
    var allSteps = new ArrayList<>(plan.hostSteps());
    allSteps.addAll(steps);
    var allReasons = new ArrayList<>(plan.rebootReasons());
    allReasons.addAll(reasons);
    return new NodePlan(plan.pfs(), allSteps, allReasons, plan.nodeRefusals(), plan.atBoot());
  }
}
