package io.sriov.node.drain;

import java.util.List;

/**
 * Everything that a {@link DrainDecision} depends on.
 *
 * @param rebootReasons why the node has to be rebooted, each a clause for people
 * @param holders who holds VFs that the wanted change takes
 * @param applied whether nothing is left to be done but what waits for pods or a reboot
 */
public record DrainFacts(
    List<String> rebootReasons,
    Holders holders,
    boolean applied,
    Marks marks,
    DrainRules rules,
    Reboots reboots) {

  public DrainFacts {
    rebootReasons = List.copyOf(rebootReasons);
  }

  /**
   * Reboots for what is wanted now.
   *
   * @param done how many were triggered
   * @param underWay whether one was triggered and this is still the boot before it
   */
  public record Reboots(int done, boolean underWay) {

    /** None yet. */
    public static final Reboots NONE = new Reboots(0, false);
  }
}
