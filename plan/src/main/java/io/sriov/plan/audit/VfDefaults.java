package io.sriov.plan.audit;

import io.sriov.plan.audit.Finding.Leftover;
import io.sriov.plan.node.VfSetting;
import io.sriov.plan.node.VfSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Settings of a VF that nobody has touched, for the PF drivers whose defaults are known. */
final class VfDefaults {

  /**
   * They all begin with no VLAN, no trust, no rate limit and link state auto; and with it on. Not
   * so mlx4_core, which reports VLAN 4095 for none.
   */
  private static final Set<String> SPOOF_CHECK_ON = Set.of("igb", "ixgbe", "i40e", "ice");

  private static final Set<String> SPOOF_CHECK_OFF = Set.of("mlx5_core");

  /** The firmware decides on spoof check. */
  private static final Set<String> SPOOF_CHECK_UNKNOWN = Set.of("bnxt_en");

  private VfDefaults() {}

  /** What differs from the defaults; nothing if the driver's are not known. */
  static List<Leftover> left(String pfDriver, VfSettings found) {
    boolean on = SPOOF_CHECK_ON.contains(pfDriver);
    boolean off = SPOOF_CHECK_OFF.contains(pfDriver);
    if (!on && !off && !SPOOF_CHECK_UNKNOWN.contains(pfDriver)) {
      return List.of();
    }
    var left = new ArrayList<Leftover>();
    if (found.vlan() != 0 || found.qos() != 0) {
      left.add(
          new Leftover(new VfSetting.Vlan(found.vlan(), found.qos()), new VfSetting.Vlan(0, 0)));
    }
    if ((on || off) && found.spoofCheck() != null && found.spoofCheck() != on) {
      left.add(new Leftover(new VfSetting.SpoofCheck(!on), new VfSetting.SpoofCheck(on)));
    }
    if (Boolean.TRUE.equals(found.trust())) {
      left.add(new Leftover(new VfSetting.Trust(true), new VfSetting.Trust(false)));
    }
    if (!found.linkState().equals("auto")) {
      left.add(
          new Leftover(
              new VfSetting.LinkState(found.linkState()), new VfSetting.LinkState("auto")));
    }
    if (found.minTxRate() != 0 || found.maxTxRate() != 0) {
      left.add(
          new Leftover(
              new VfSetting.Rate(found.minTxRate(), found.maxTxRate()), new VfSetting.Rate(0, 0)));
    }
    return List.copyOf(left);
  }
}
