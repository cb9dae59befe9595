package io.sriov.node.reconcile;

import io.sriov.api.Names;
import io.sriov.node.apply.HostStepResult;
import io.sriov.node.apply.StepResult;
import io.sriov.node.drain.Waiting;
import io.sriov.plan.node.Blocked;
import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Refusal;
import io.sriov.plan.node.Step;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a pass ended.
 *
 * @param remaining the plan for the host as the pass left it
 * @param failures texts of failed steps
 * @param waiting why the rest waits, worst first
 * @param putOff whether steps are left because a reboot comes first
 * @param reported what the boot services said about the configuration, absent if the daemon itself
 *     configures the node
 */
record Outcome(
    Inventory inventory,
    NodePlan remaining,
    List<String> failures,
    List<Waiting> waiting,
    boolean putOff,
    @Nullable Result reported) {

  /** Of a pass that only looked. */
  static Outcome seen(Inventory inventory, NodePlan remaining) {
    return new Outcome(inventory, remaining, List.of(), List.of(), false, null);
  }

  static List<String> failures(List<HostStepResult> ofHost, List<StepResult> ofPfs) {
    return Stream.concat(
            ofHost.stream().map(HostStepResult::failure), ofPfs.stream().map(StepResult::failure))
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull)
        .toList();
  }

  /** Whether the host is as desired, and nothing is going on because it was not. */
  boolean inSync() {
    return nothingLeft() && (reported == null || reported.syncStatus().equals(Names.SUCCEEDED));
  }

  /**
   * Whether nothing is left for the daemon to do; the boot services may have failed all the same.
   */
  private boolean nothingLeft() {
    return remaining.isEmpty() && failures.isEmpty() && waiting.isEmpty();
  }

  /** Whether a step failed, or is still to be done although it was carried out. */
  boolean unfinished() {
    return !failures.isEmpty()
        || !remaining.hostSteps().isEmpty()
        || !putOff && !remaining.steps().isEmpty();
  }

  /** Whether everything that could be done was, and the rest waits for pods to end. */
  boolean waitsForPods() {
    return !remaining.blocked().isEmpty() && !unfinished() && remaining.refusals().isEmpty();
  }

  /** PFs whose VFs are not, or not all, as they shall be. */
  Set<PciAddress> unsettled() {
    return remaining.unsettled();
  }

  String syncStatus() {
    if (nothingLeft()) {
      return reported == null ? Names.SUCCEEDED : reported.syncStatus();
    }
    boolean failed =
        unfinished()
            || waiting.stream().anyMatch(Waiting::forPeople)
            // A reboot may put right what is refused now.
            || !remaining.refusals().isEmpty() && !putOff;
    return failed ? Names.FAILED : Names.IN_PROGRESS;
  }

  /** Everything that keeps the node from being as desired, worst first; empty when it is. */
  String lastSyncError() {
    if (nothingLeft() && reported != null) {
      return reported.lastSyncError();
    }
    Stream<String> left =
        failures.isEmpty() && !putOff
            ? remaining.steps().stream().map(Outcome::describe).limit(3)
            : Stream.empty();
    return String.join(
        "; ",
        Stream.of(
                failures.stream(),
                waiting.stream().map(Waiting::text),
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
