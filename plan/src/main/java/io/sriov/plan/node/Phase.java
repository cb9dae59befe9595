package io.sriov.plan.node;

/** How far a plan goes. */
public enum Phase {
  /**
   * At boot before the network is configured: VFs are made, but get no driver yet, so that nobody
   * takes them for NICs of the host (spec 03 §4.6).
   */
  BEFORE_NETWORK,
  /** Everything. */
  FULL
}
