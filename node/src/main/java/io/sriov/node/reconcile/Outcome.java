package io.sriov.node.reconcile;

import io.sriov.api.Names;
import io.sriov.node.apply.StepResult;
import io.sriov.plan.node.Blocked;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.Refusal;
import io.sriov.plan.node.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a pass ended.
 *
 * @param remaining the plan for the host as the pass left it
 * @param failures texts of failed steps
 */
record Outcome(Inventory inventory, NodePlan remaining, List<String> failures) {

  static Outcome of(Inventory inventory, NodePlan remaining, List<StepResult> results) {
    var failures = new ArrayList<String>();
    for (StepResult result : results) {
      if (result.failure() != null) {
        failures.add(result.failure());
      }
    }
    return new Outcome(inventory, remaining, List.copyOf(failures));
  }

  /** Whether the host is as desired. */
  boolean inSync() {
    return remaining.isEmpty() && failures.isEmpty();
  }

  /** Whether a step failed, or is still to be done although it was carried out. */
  boolean unfinished() {
    return !failures.isEmpty() || !remaining.steps().isEmpty();
  }

  /** Whether everything that could be done was, and the rest waits for pods to end. */
  boolean waitsForPods() {
    return !remaining.blocked().isEmpty() && !unfinished() && remaining.refusals().isEmpty();
  }

  /**
   * Whether the VFs that exist are configured: PFs whose wish is refused are as they were before,
   * and do not keep the others from being used.
   */
  boolean usable() {
    return !unfinished() && remaining.blocked().isEmpty();
  }

  String syncStatus() {
    if (inSync()) {
      return Names.SUCCEEDED;
    }
    return waitsForPods() ? Names.IN_PROGRESS : Names.FAILED;
  }

  /** Everything that keeps the node from being as desired, worst first; empty when it is. */
  String lastSyncError() {
    Stream<String> left =
        failures.isEmpty()
            ? remaining.steps().stream().map(Outcome::describe).limit(3)
            : Stream.empty();
    return String.join(
        "; ",
        Stream.of(
                failures.stream(),
                remaining.refusals().stream().map(Refusal::message),
                remaining.blocked().stream().map(Blocked::message),
                left)
            .flatMap(part -> part)
            .toList());
  }

  private static String describe(Step step) {
    return step.pf() + ": still " + step.reason();
  }
}
