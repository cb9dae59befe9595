package io.sriov.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateStatus;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What became of a node state's spec on its node, as far as the node says. */
public enum Applied {
  /** Not known yet, or under way. */
  PENDING,
  /** The node is as the spec says. */
  GOOD,
  /** The node could not be brought there. */
  FAILED;

  /** Condition of a node at which the rollout stopped. */
  static final String ROLLOUT_STOPPED = "RolloutStopped";

  /** Reasons of {@code Ready} that are no waiting for pods, drain or reboot. */
  private static final Set<String> FAILURES = Set.of("Failed", "RebootLoop");

  /** Reads the node's report about the very spec that {@code state} has. */
  public static Applied of(SriovNetworkNodeState state) {
    SriovNetworkNodeStateStatus status = state.getStatus();
    if (status == null) {
      return PENDING;
    }
    Optional<Condition> ready = condition(status, "Ready");
    if (ready.isEmpty()) {
      // The Go daemon has no conditions and does not say which spec its status is about.
      return Names.FAILED.equals(status.syncStatus()) ? FAILED : PENDING;
    }
    if (!Objects.equals(ready.get().getObservedGeneration(), state.getMetadata().getGeneration())) {
      return PENDING;
    }
    if ("True".equals(ready.get().getStatus())) {
      return GOOD;
    }
    return FAILURES.contains(ready.get().getReason()) ? FAILED : PENDING;
  }

  /** Why the rollout stops at the node; empty if it does not. */
  public static Optional<String> failure(SriovNetworkNodeState state) {
    if (of(state) == FAILED) {
      return Optional.of(error(state));
    }
    Map<String, String> annotations = state.getMetadata().getAnnotations();
    if (annotations == null || !annotations.containsKey(Names.ROLLED_BACK)) {
      return Optional.empty();
    }
    return Optional.ofNullable(state.getStatus())
        .flatMap(status -> condition(status, ROLLOUT_STOPPED))
        .filter(condition -> "True".equals(condition.getStatus()))
        .map(Condition::getMessage)
        .or(() -> Optional.of("returned to the last spec that worked"));
  }

  /** What the node says went wrong. */
  static String error(SriovNetworkNodeState state) {
    String error = state.getStatus() == null ? null : state.getStatus().lastSyncError();
    return error == null || error.isEmpty() ? "the node gave no reason" : error;
  }

  static Optional<Condition> condition(SriovNetworkNodeStateStatus status, String type) {
    return status.conditions().stream().filter(c -> type.equals(c.getType())).findFirst();
  }
}
