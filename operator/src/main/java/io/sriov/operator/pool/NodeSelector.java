package io.sriov.operator.pool;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether labels satisfy a Kubernetes label selector; one without requirement selects all. */
record NodeSelector(Map<String, String> labels, List<LabelSelectorRequirement> expressions) {

  /** Selects no node: no label has an empty key. */
  static final NodeSelector NONE =
      new NodeSelector(Map.of(), List.of(new LabelSelectorRequirement("", "Exists", List.of())));

  private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

  /**
   * @throws IllegalArgumentException naming the operator that Kubernetes does not know
   */
  static NodeSelector of(@Nullable LabelSelector selector) {
    if (selector == null) {
      return new NodeSelector(Map.of(), List.of());
    }
    List<LabelSelectorRequirement> expressions =
        selector.getMatchExpressions() == null ? List.of() : selector.getMatchExpressions();
    for (int i = 0; i < expressions.size(); i++) {
      String operator = String.valueOf(expressions.get(i).getOperator());
      if (!OPERATORS.contains(operator)) {
        throw new IllegalArgumentException(
            "nodeSelector.matchExpressions[%d].operator is \"%s\"; use one of %s"
                .formatted(i, operator, String.join(", ", OPERATORS)));
      }
    }
    return new NodeSelector(
        selector.getMatchLabels() == null ? Map.of() : selector.getMatchLabels(), expressions);
  }

  boolean matches(Map<String, String> node) {
    return node.entrySet().containsAll(labels.entrySet())
        && expressions.stream().allMatch(expression -> matches(expression, node));
  }

  private static boolean matches(LabelSelectorRequirement expression, Map<String, String> node) {
    String value = node.get(expression.getKey());
    List<String> values = expression.getValues() == null ? List.of() : expression.getValues();
    return switch (expression.getOperator()) {
      case "In" -> value != null && values.contains(value);
      case "NotIn" -> value == null || !values.contains(value);
      case "Exists" -> value != null;
      default -> value == null;
    };
  }
}
