package io.sriov.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.sriov.kube.DesiredCondition;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Condition {@code RolloutStopped} of a policy: which node could not be brought there, and why. */
final class RolloutText {

  private static final int NAMED = 10;

  private RolloutText() {}

  /**
   * Empty for a policy that was never stopped.
   *
   * @param failures reason by node
   * @param stored conditions that the policy has
   */
  static Optional<DesiredCondition> of(SortedMap<String, String> failures, List<Condition> stored) {
    if (failures.isEmpty()) {
      return stored.stream()
          .filter(condition -> Applied.ROLLOUT_STOPPED.equals(condition.getType()))
          .findFirst()
          .map(_ ->
              DesiredCondition.fails(
                  Applied.ROLLOUT_STOPPED, "Proceeding", "No node of the policy has failed."));
    }
    String nodes =
        failures.entrySet().stream()
            .limit(NAMED)
            .map(entry -> "Node " + entry.getKey() + ": " + entry.getValue() + ".")
            .collect(Collectors.joining(" "));
    int more = failures.size() - NAMED;
    return Optional.of(
        DesiredCondition.holds(
            Applied.ROLLOUT_STOPPED,
            "NodeFailed",
            nodes
                + (more > 0 ? " And " + more + " more." : "")
                + " Until the policy changes or the node succeeds, no other node of its pool is"
                + " drained."));
  }
}
