package io.sriov.node.reconcile;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.sriov.plan.node.Blocked;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Conditions of a NodeState, our addition to upstream's status. */
final class NodeConditions {

  private static final String READY = "Ready";
  private static final String VFS_IN_USE = "VFsInUse";

  private NodeConditions() {}

  /**
   * {@code Ready} always, {@code VFsInUse} only while a change waits for pods.
   *
   * @param before conditions of the last pass, whose transition times are kept
   */
  static List<Condition> of(Outcome outcome, long generation, List<Condition> before, Clock clock) {
    var conditions = new ArrayList<Condition>();
    String reason = outcome.inSync() ? "Succeeded" : outcome.waitsForPods() ? VFS_IN_USE : "Failed";
    conditions.add(condition(READY, outcome.inSync(), reason, outcome.lastSyncError(), generation));
    if (!outcome.remaining().blocked().isEmpty()) {
      String pods =
          outcome.remaining().blocked().stream()
              .map(Blocked::message)
              .collect(Collectors.joining("; "));
      conditions.add(condition(VFS_IN_USE, true, VFS_IN_USE, pods, generation));
    }
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    return conditions.stream().map(condition -> dated(condition, before, now)).toList();
  }

  private static Condition condition(
      String type, boolean holds, String reason, String message, long generation) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(holds ? "True" : "False")
        .withReason(reason)
        .withMessage(message)
        .withObservedGeneration(generation)
        .build();
  }

  private static Condition dated(Condition condition, List<Condition> before, String now) {
    String since =
        before.stream()
            .filter(old -> old.getType().equals(condition.getType()))
            .filter(old -> old.getStatus().equals(condition.getStatus()))
            .map(Condition::getLastTransitionTime)
            .filter(java.util.Objects::nonNull)
            .findFirst()
            .orElse(now);
    return new ConditionBuilder(condition).withLastTransitionTime(since).build();
  }
}
