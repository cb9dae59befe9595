package io.sriov.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.kube.Conditions;
import io.sriov.kube.DesiredCondition;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.ManagedNodes;
import io.sriov.operator.pool.PoolIndex;
import io.sriov.operator.queue.Next;
import io.sriov.plan.selection.NodeFacts;
import io.sriov.plan.selection.Policy;
import io.sriov.plan.selection.PolicyOutcome;
import io.sriov.plan.selection.PolicySummary;
import io.sriov.plan.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Condition {@code Selected} of a policy, summed up over the nodes. */
public final class PolicyReconciler {

  private final Cluster cluster;
  private final Outcomes outcomes;
  private final PoolIndex pools;
  private final Conditions conditions;

  public PolicyReconciler(
      Cluster cluster, Outcomes outcomes, PoolIndex pools, Conditions conditions) {
    this.cluster = cluster;
    this.outcomes = outcomes;
    this.pools = pools;
    this.conditions = conditions;
  }

  /**
   * @param name of the policy
   */
  public Next reconcile(String name) {
    Optional<SriovNetworkNodePolicy> resource =
        cluster.policies.get(cluster.namespace(), name).filter(p -> !p.isMarkedForDeletion());
    Optional<ManagedNodes> managed = cluster.config().map(ManagedNodes::of);
    Optional<Policy> policy = resource.flatMap(Policy::of);
    if (policy.isEmpty() || managed.isEmpty()) {
      return Next.EVENT;
    }
    if (name.equals(Names.DEFAULT)) {
      write(resource.get(), PolicySummary.RESERVED_NAME, new TreeMap<>());
      return Next.EVENT;
    }
    byNode(policy.get(), Outcomes.generation(resource.get()), managed.get())
        .ifPresent(outcome -> write(resource.get(), PolicySummary.of(outcome), failures(outcome)));
    return Next.EVENT;
  }

  /** Nodes of the policy at which the rollout stopped, with the reason. */
  private SortedMap<String, String> failures(SortedMap<String, PolicyOutcome> byNode) {
    SortedMap<String, String> failures = new TreeMap<>();
    byNode.forEach((node, outcome) -> {
      if (!outcome.pfs().isEmpty() || !outcome.held().isEmpty()) {
        pools.failure(node).ifPresent(why -> failures.put(node, why));
      }
    });
    return failures;
  }

  /** Empty while some node concerned has not been looked at: its pass will be an event. */
  private Optional<SortedMap<String, PolicyOutcome>> byNode(
      Policy policy, long generation, ManagedNodes managed) {
    TreeMap<String, PolicyOutcome> byNode = new TreeMap<>();
    for (Node node : cluster.nodes.list()) {
      if (managed.contains(node)) {
        String name = node.getMetadata().getName();
        Optional<PolicyOutcome> outcome = outcome(policy, generation, node);
        if (outcome.isEmpty()) {
          return Optional.empty();
        }
        byNode.put(name, outcome.get());
      }
    }
    return Optional.of(byNode);
  }

  private Optional<PolicyOutcome> outcome(Policy policy, long generation, Node node) {
    if (policy.selects(ManagedNodes.labels(node))) {
      return outcomes.of(policy.name(), generation, node.getMetadata().getName());
    }
    NodeFacts facts =
        new NodeFacts(
            node.getMetadata().getName(),
            ManagedNodes.labels(node),
            List.of(),
            SriovNetworkNodeStateSpec.EMPTY);
    return Selection.select(facts, List.of(policy)).outcomes().stream().findFirst();
  }

  private void write(
      SriovNetworkNodePolicy policy, PolicySummary summary, SortedMap<String, String> failures) {
    List<Condition> stored =
        policy.getStatus() == null ? List.of() : policy.getStatus().conditions();
    List<DesiredCondition> desired = new ArrayList<>();
    desired.add(
        summary.selected()
            ? DesiredCondition.holds("Selected", summary.reason(), summary.message())
            : DesiredCondition.fails("Selected", summary.reason(), summary.message()));
    RolloutText.of(failures, stored).ifPresent(desired::add);
    var unused = conditions.apply(policy, stored, desired);
  }
}
