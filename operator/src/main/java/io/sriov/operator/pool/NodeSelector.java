package io.sriov.operator.pool;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.sriov.api.SriovNetworkPoolConfigSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether labels satisfy a Kubernetes label selector; one without requirement selects all. A
 * requirement that cannot be read counts as satisfied: whatever it means, no other node can be
 * meant.
 *
 * @param faults requirements that cannot be read, each with what is expected
 */
record NodeSelector(
    Map<String, String> labels, List<LabelSelectorRequirement> expressions, List<String> faults) {

  static NodeSelector of(@Nullable LabelSelector selector) {
    if (selector == null) {
      return new NodeSelector(Map.of(), List.of(), List.of());
    }
    List<LabelSelectorRequirement> readable = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    List<LabelSelectorRequirement> given =
        selector.getMatchExpressions() == null ? List.of() : selector.getMatchExpressions();
    for (int i = 0; i < given.size(); i++) {
      LabelSelectorRequirement expression = given.get(i);
      String field = "nodeSelector.matchExpressions[" + i + "]";
      fault(expression).ifPresentOrElse(f -> faults.add(field + f), () -> readable.add(expression));
    }
    return new NodeSelector(
        selector.getMatchLabels() == null ? Map.of() : selector.getMatchLabels(),
        List.copyOf(readable),
        List.copyOf(faults));
  }

  private static Optional<String> fault(LabelSelectorRequirement expression) {
    String operator = String.valueOf(expression.getOperator());
    boolean values = !values(expression).isEmpty();
    return switch (operator) {
      case "In", "NotIn" ->
          values ? Optional.empty() : fault(".values is empty; give at least one for " + operator);
      case "Exists", "DoesNotExist" ->
          values ? fault(".values is not empty; " + operator + " has none") : Optional.empty();
      default ->
          fault(
              ".operator is \"%s\"; use one of %s"
                  .formatted(
                      operator, String.join(", ", SriovNetworkPoolConfigSpec.SELECTOR_OPERATORS)));
    };
  }

  private static Optional<String> fault(String text) {
    return Optional.of(text);
  }

  boolean matches(Map<String, String> node) {
    return node.entrySet().containsAll(labels.entrySet())
        && expressions.stream().allMatch(expression -> matches(expression, node));
  }

  private static boolean matches(LabelSelectorRequirement expression, Map<String, String> node) {
    String value = node.get(expression.getKey());
    return switch (expression.getOperator()) {
      case "In" -> value != null && values(expression).contains(value);
      case "NotIn" -> value == null || !values(expression).contains(value);
      case "Exists" -> value != null;
      default -> value == null;
    };
  }

  private static List<String> values(LabelSelectorRequirement expression) {
    return expression.getValues() == null ? List.of() : expression.getValues();
  }
}
