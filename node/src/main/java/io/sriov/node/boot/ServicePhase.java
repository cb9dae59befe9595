package io.sriov.node.boot;

import io.sriov.plan.node.Phase;
import java.util.Locale;

/** Which of the two boot services runs. */
public enum ServicePhase {
  /** Before the host's network is configured. */
  PRE(Phase.BEFORE_NETWORK),
  /** When it is, before the kubelet starts. */
  POST(Phase.FULL);

  private final Phase plans;

  ServicePhase(Phase plans) {
    this.plans = plans;
  }

  Phase plans() {
    return plans;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
