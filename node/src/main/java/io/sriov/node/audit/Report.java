package io.sriov.node.audit;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.sriov.plan.audit.Finding;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Condition {@code VfsClean}: whether every free VF of the node is as a new one. */
final class Report {

  static final String TYPE = "VfsClean";

  /** Limit of the schema, in characters. */
  private static final int MAX_MESSAGE = 32_768;

  private Report() {}

  /**
   * The condition.
   *
   * @param told what is wrong; only silent witnesses make it unknown
   * @param text of each
   * @param generation of the NodeState that was compared with
   */
  static Condition condition(List<Finding> told, Function<Finding, String> text, long generation) {
    boolean unknown =
        !told.isEmpty() && told.stream().allMatch(Finding.WitnessSilent.class::isInstance);
    String message =
        told.isEmpty()
            ? "every VF that no pod has is as a new one"
            : told.stream().map(text).collect(Collectors.joining(". "));
    return new ConditionBuilder()
        .withType(TYPE)
        .withStatus(told.isEmpty() ? "True" : unknown ? "Unknown" : "False")
        .withReason(told.isEmpty() ? "Clean" : unknown ? "WitnessSilent" : "VfsDirty")
        .withMessage(
            message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 1) + "…")
        .withObservedGeneration(generation)
        .build();
  }
}
