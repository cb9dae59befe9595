package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.plan.selection.PolicyOutcome.Share;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Policies × one node → the node's desired state, and what became of every policy. */
public final class Selection {

  /** Who took a policy's VFs of a PF. */
  private record Loss(String policy, String pciAddress) {}

  private record Applied(Policy policy, Candidates candidates) {}

  private final NodeFacts node;
  private final Map<String, Interface> desired = new LinkedHashMap<>();
  private final Map<Loss, Policy> losses = new LinkedHashMap<>();

  private Selection(NodeFacts node) {
    this.node = node;
  }

  /**
   * The desired state of {@code node} under {@code policies}, in whatever order they are given.
   *
   * <p>A policy that is refused adds nothing and takes nothing away: the VFs it had before stay
   * until it is corrected, and the other policies are applied as ever.
   */
  public static NodeSelection select(NodeFacts node, Collection<Policy> policies) {
    NodeSelection selection = once(node, policies);
    NodeFacts before = node;
    // A refused policy that loses what it held to a stronger one must not leave a trace in the
    // maxima either, as it would be gone in the next pass: that pass is made here. What is held
    // only
    // ever becomes less, so there are no more rounds than policies.
    for (int round = 0; round <= policies.size() && holds(selection); round++) {
      SriovNetworkNodeStateSpec after = selection.spec().orElse(before.current());
      if (after.equals(before.current())) {
        break;
      }
      before = new NodeFacts(node.name(), node.labels(), node.interfaces(), after);
      selection = once(before, policies);
    }
    return selection;
  }

  private static boolean holds(NodeSelection selection) {
    return selection.outcomes().stream().anyMatch(PolicyOutcome::refused);
  }

  private static NodeSelection once(NodeFacts node, Collection<Policy> policies) {
    List<Applied> ordered =
        Policy.inOrder(policies).stream()
            .map(policy -> new Applied(policy, Candidates.of(policy, node)))
            .toList();
    Selection selection = new Selection(node);
    selection.applyAll(ordered);
    List<PolicyOutcome> outcomes = ordered.stream().map(selection::outcome).toList();
    return new NodeSelection(
        node.interfaces().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new SriovNetworkNodeStateSpec(List.copyOf(selection.desired.values()), null, null)),
        outcomes);
  }

  private void applyAll(List<Applied> ordered) {
    @Nullable Policy previous = null;
    for (Applied applied : ordered) {
      if (!counts(applied)) {
        continue;
      }
      Policy policy = applied.policy();
      boolean equalPriority = previous != null && previous.priority() == policy.priority();
      previous = policy;
      applied.candidates().wanted().forEach(entry -> apply(policy, entry, equalPriority));
      // Groups that a policy holds lay side by side before, and stay so.
      applied.candidates().held().forEach(entry -> apply(policy, entry, equalPriority));
    }
  }

  /** Whether the policy is one that "selected this node" for the comparison of priorities. */
  private static boolean counts(Applied applied) {
    Candidates candidates = applied.candidates();
    boolean refused = candidates.misses().stream().anyMatch(Miss.Refusal.class::isInstance);
    boolean elsewhere =
        candidates.misses().stream().anyMatch(Miss.NodeSelectorDiffers.class::isInstance);
    boolean brings = !candidates.wanted().isEmpty() || !candidates.held().isEmpty();
    return !elsewhere && (!refused || brings);
  }

  private void apply(Policy policy, Interface candidate, boolean equalPriority) {
    String pf = candidate.pciAddress();
    @Nullable Interface old = desired.get(pf);
    if (old == null) {
      desired.put(pf, candidate);
      return;
    }
    Merge merge = Merge.of(old, candidate, equalPriority);
    desired.put(pf, merge.entry());
    for (VfGroup dropped : merge.dropped()) {
      losses.put(new Loss(String.valueOf(dropped.policyName()), pf), policy);
    }
  }

  private PolicyOutcome outcome(Applied applied) {
    String policy = applied.policy().name();
    Set<String> heldPfs =
        applied.candidates().held().stream().map(Interface::pciAddress).collect(Collectors.toSet());
    List<Share> pfs = new ArrayList<>();
    List<Share> held = new ArrayList<>();
    List<Miss> misses = new ArrayList<>(applied.candidates().misses());
    for (Interface entry : desired.values()) {
      List<Share> shares = shares(policy, entry);
      (heldPfs.contains(entry.pciAddress()) ? held : pfs).addAll(shares);
      @Nullable Policy winner = losses.get(new Loss(policy, entry.pciAddress()));
      if (winner != null && shares.isEmpty()) {
        misses.add(new Miss.ShadowedBy(label(entry), winner.name(), winner.priority()));
      }
    }
    return new PolicyOutcome(policy, inNodeOrder(pfs), inNodeOrder(held), List.copyOf(misses));
  }

  private static List<Share> shares(String policy, Interface entry) {
    return entry.vfGroups().stream()
        .filter(group -> policy.equals(group.policyName()))
        .flatMap(group ->
            VfRange.parse(String.valueOf(group.vfRange())).stream()
                .map(range ->
                    new Share(
                        label(entry),
                        entry.pciAddress(),
                        range,
                        String.valueOf(group.resourceName()))))
        .toList();
  }

  private List<Share> inNodeOrder(List<Share> shares) {
    List<String> order = node.interfaces().stream().map(pf -> pf.pciAddress()).toList();
    return shares.stream()
        .sorted((a, b) -> order.indexOf(a.pciAddress()) - order.indexOf(b.pciAddress()))
        .toList();
  }

  private static String label(Interface entry) {
    String name = entry.name();
    return name == null || name.isEmpty() ? entry.pciAddress() : name;
  }
}
