package io.sriov.plan.node;

/** What running pods notice of a step. */
public enum Disruption {
  /** Nothing. */
  NONE,
  /** Traffic of the PF and its VFs may pause for a moment. */
  PAUSE,
  /** Pods that hold the VFs concerned lose them and have to leave first. */
  DRAIN
}
