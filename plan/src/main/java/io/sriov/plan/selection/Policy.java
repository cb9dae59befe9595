package io.sriov.plan.selection;

import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodePolicySpec;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A policy, reduced to what selection looks at. */
public record Policy(String name, SriovNetworkNodePolicySpec spec) {

  private static final Comparator<Policy> WEAKEST_FIRST =
      Comparator.comparing(Policy::priority).reversed().thenComparing(Policy::name);

  /** The policy of a custom resource; empty for one without spec, which selects nothing. */
  public static Optional<Policy> of(SriovNetworkNodePolicy resource) {
    return Optional.ofNullable(resource.getSpec())
        .map(spec -> new Policy(resource.getMetadata().getName(), spec));
  }

  /**
   * In the order in which they are applied: a later one overrides an earlier one on the same PF, so
   * a lower priority number wins and with equal numbers the alphabetically last name (spec 01
   * §4.3). The relic named {@code default} is left out.
   */
  public static List<Policy> inOrder(Collection<Policy> policies) {
    return policies.stream()
        .filter(policy -> !policy.name().equals(Names.DEFAULT))
        .sorted(WEAKEST_FIRST)
        .toList();
  }

  int priority() {
    return spec.priorityOrStrongest();
  }

  List<PfName> pfNames() {
    return spec.nicSelector().pfNames().stream().map(PfName::parse).toList();
  }

  /** Whether the node carries every label of the policy's selector. */
  public boolean selects(Map<String, String> labels) {
    return spec.nodeSelector().entrySet().stream()
        .allMatch(wanted -> wanted.getValue().equals(labels.get(wanted.getKey())));
  }
}
