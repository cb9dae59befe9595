package io.sriov.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The decision about the conditions of one object (spec 01 §2.4).
 *
 * @param conditions what to write: all desired ones, each with its transition time
 * @param transitions what differs from the stored ones; empty means there is nothing to write
 */
record ConditionUpdate(List<Condition> conditions, List<Transition> transitions) {

  /** Why a condition is written. */
  enum Change {
    ADDED("Added"),
    CHANGED("Changed");

    private final String suffix;

    Change(String suffix) {
      this.suffix = suffix;
    }
  }

  /** A condition that differs from the stored one. */
  record Transition(Change change, Condition condition) {

    /** Reason of the event about it, e.g. {@code ReadyAdded}. */
    String eventReason() {
      return condition.getType() + change.suffix;
    }
  }

  /**
   * Compares.
   *
   * @param stored the object's conditions, those of other writers included
   * @param generation of the object that was reconciled
   */
  static ConditionUpdate of(
      List<Condition> stored, List<DesiredCondition> desired, long generation, Instant now) {
    var conditions = new ArrayList<Condition>();
    var transitions = new ArrayList<Transition>();
    for (var want : desired) {
      var old = find(stored, want.type());
      var condition =
          new ConditionBuilder()
              .withType(want.type())
              .withStatus(want.status().value())
              .withReason(want.reason())
              .withMessage(want.message())
              .withObservedGeneration(generation)
              .withLastTransitionTime(transitionTime(old, want, now))
              .build();
      conditions.add(condition);
      if (old == null) {
        transitions.add(new Transition(Change.ADDED, condition));
      } else if (!condition.equals(old)) {
        transitions.add(new Transition(Change.CHANGED, condition));
      }
    }
    return new ConditionUpdate(List.copyOf(conditions), List.copyOf(transitions));
  }

  /** {@code stored} after this update, conditions of other writers kept. */
  List<Condition> over(List<Condition> stored) {
    var result = new ArrayList<Condition>(conditions);
    stored.stream()
        .filter(condition -> find(conditions, condition.getType()) == null)
        .forEach(result::add);
    return List.copyOf(result);
  }

  private static String transitionTime(
      @Nullable Condition old, DesiredCondition want, Instant now) {
    return old != null
            && old.getStatus().equals(want.status().value())
            && old.getLastTransitionTime() != null
        ? old.getLastTransitionTime()
        : now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static @Nullable Condition find(List<Condition> stored, String type) {
    return stored.stream()
        .filter(condition -> Objects.equals(condition.getType(), type))
        .findFirst()
        .orElse(null);
  }
}
