package io.sriov.node.drain;

import io.sriov.api.RebootPolicy;

/**
 * What people decided about drains and reboots.
 *
 * @param disableDrain whether VFs are taken from pods without a drain
 * @param externalDrainer whether somebody else than the operator drains
 * @param maxReboots reboots that one generation of a NodeState may ask for, from 1
 */
public record DrainRules(
    boolean disableDrain, boolean externalDrainer, RebootPolicy rebootPolicy, int maxReboots) {

  /** Reboots of one generation where nobody said how many. */
  public static final int MAX_REBOOTS = 3;

  /** What applies where nobody decided anything. */
  public static final DrainRules DEFAULT =
      new DrainRules(false, false, RebootPolicy.REBOOT, MAX_REBOOTS);

  /** These rules with another reboot policy. */
  public DrainRules with(RebootPolicy policy) {
    return new DrainRules(disableDrain, externalDrainer, policy, maxReboots);
  }
}
