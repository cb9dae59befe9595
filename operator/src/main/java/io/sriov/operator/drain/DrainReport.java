package io.sriov.operator.drain;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.kube.Conditions;
import io.sriov.kube.DesiredCondition;
import io.sriov.kube.Events;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Tells people of drains: events with upstream's names, condition {@code DrainBlocked}. */
final class DrainReport {

  private static final String BLOCKED = "DrainBlocked";

  /** Upstream's reason of all events about drains (spec 02 §8.2). */
  private static final String REASON = "DrainController";

  private static final String DRAIN = "DrainNode";
  private static final String COMPLETE = "CompleteDrain";

  private final Events events;
  private final Conditions conditions;

  DrainReport(Events events, Conditions conditions) {
    this.events = events;
    this.conditions = conditions;
  }

  void drained(SriovNetworkNodeState state) {
    events.normal(state, REASON, DRAIN, "node drain completed");
    unblocked(state, "Drained", "The node is drained.");
  }

  void released(SriovNetworkNodeState state, boolean foreignCordon) {
    events.normal(
        state,
        REASON,
        COMPLETE,
        "node un drain completed"
            + (foreignCordon ? "; the node stays cordoned, as somebody else has cordoned it" : ""));
    unblocked(state, "Released", "The node is back.");
  }

  /** What was given up is no matter any more: something else is wanted. */
  void settled(SriovNetworkNodeState state) {
    unblocked(state, "NotBlocked", "Nothing is drained.");
  }

  void failed(SriovNetworkNodeState state, String why) {
    events.warning(state, REASON, DRAIN, "failed to drain node: " + why);
  }

  void blocked(SriovNetworkNodeState state, Verdict verdict, Instant since) {
    String text =
        "Draining since " + since.truncatedTo(ChronoUnit.SECONDS) + ": " + verdict.text() + ".";
    String reason =
        switch (verdict.action()) {
          case WAIT -> "Waiting";
          case GIVE_UP -> "GivenUp";
          case DELETE -> "Deleting";
        };
    String then =
        switch (verdict.action()) {
          case WAIT -> " It goes on as soon as the pods are gone.";
          case GIVE_UP ->
              " Given up as the pool asks for; remove the annotation drain-given-up, or change the"
                  + " policy, to try again.";
          case DELETE -> " The pods are deleted as the pool asks for.";
        };
    events.warning(state, REASON, DRAIN, "node drain operation was not completed. " + text + then);
    write(state, DesiredCondition.holds(BLOCKED, reason, text + then));
  }

  /** Only where it was written before: most drains are never blocked. */
  private void unblocked(SriovNetworkNodeState state, String reason, String text) {
    if (stored(state).stream()
        .anyMatch(c -> BLOCKED.equals(c.getType()) && "True".equals(c.getStatus()))) {
      write(state, DesiredCondition.fails(BLOCKED, reason, text));
    }
  }

  private void write(SriovNetworkNodeState state, DesiredCondition condition) {
    try {
      var unused = conditions.apply(state, stored(state), List.of(condition));
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) {
        throw e;
      }
    }
  }

  private static List<Condition> stored(SriovNetworkNodeState state) {
    return state.getStatus() == null ? List.of() : state.getStatus().conditions();
  }
}
