package io.sriov.operator.node;

import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.plan.selection.PolicyOutcome;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What every policy comes to on every managed node, as of the node's last pass. */
public final class Outcomes {

  private record Seen(PolicyOutcome outcome, long generation) {}

  private final Map<String, Map<String, Seen>> byNode = new HashMap<>();

  /**
   * Records a pass over {@code node}.
   *
   * @param policies from which the outcomes were computed
   * @return policies that changed, or of which the outcome on the node changed
   */
  synchronized Set<String> record(
      String node, List<PolicyOutcome> outcomes, Collection<SriovNetworkNodePolicy> policies) {
    Map<String, Long> generations =
        policies.stream()
            .collect(
                Collectors.toMap(policy -> policy.getMetadata().getName(), Outcomes::generation));
    Map<String, Seen> now =
        outcomes.stream()
            .map(outcome -> new Seen(outcome, generations.getOrDefault(outcome.policy(), 0L)))
            .collect(Collectors.toMap(seen -> seen.outcome().policy(), Function.identity()));
    Map<String, Seen> before = byNode.put(node, now);
    return before == null ? now.keySet() : differing(before, now);
  }

  /**
   * @return policies that had an outcome on the node
   */
  synchronized Set<String> forget(String node) {
    Map<String, Seen> before = byNode.remove(node);
    return before == null ? Set.of() : before.keySet();
  }

  /** Empty if the node has not been looked at since the policy has that generation. */
  synchronized Optional<PolicyOutcome> of(String policy, long generation, String node) {
    return Optional.ofNullable(byNode.get(node))
        .map(outcomes -> outcomes.get(policy))
        .filter(seen -> seen.generation() == generation)
        .map(Seen::outcome);
  }

  static long generation(SriovNetworkNodePolicy policy) {
    Long generation = policy.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  private static Set<String> differing(Map<String, Seen> before, Map<String, Seen> now) {
    Set<String> policies = new HashSet<>(before.keySet());
    policies.addAll(now.keySet());
    policies.removeIf(
        policy -> now.containsKey(policy) && now.get(policy).equals(before.get(policy)));
    return policies;
  }
}
