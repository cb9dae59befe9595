package io.sriov.plan.selection;

import io.sriov.plan.selection.PolicyOutcome.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Condition {@code Selected} of a policy: what it comes to on all nodes. The text depends on
 * nothing but its input, so that an unchanged outcome is an unchanged status.
 *
 * @param selected whether some PF of some node is selected
 * @param reason {@code Selected}, {@code PartlySelected}, or the first miss
 */
public record PolicySummary(boolean selected, String reason, String message) {

  /** Of a policy that is called {@code default}, whatever it asks for. */
  public static final PolicySummary RESERVED_NAME =
      new PolicySummary(
          false,
          "ReservedName",
          "A policy named default is never applied: create it under another name.");

  private static final PolicySummary NO_MANAGED_NODES =
      new PolicySummary(
          false,
          "NoManagedNodes",
          "No node is managed: label nodes node-role.kubernetes.io/worker= (and"
              + " kubernetes.io/os=linux), or set configDaemonNodeSelector in SriovOperatorConfig"
              + " default to labels your nodes carry.");

  private static final int NODES_NAMED = 5;
  private static final int CLAUSES = 20;

  /**
   * @param outcomes outcome of the policy by name of the managed node
   */
  public static PolicySummary of(SortedMap<String, PolicyOutcome> outcomes) {
    if (outcomes.isEmpty()) {
      return NO_MANAGED_NODES;
    }
    List<PolicyOutcome> concerned =
        outcomes.values().stream().filter(PolicyOutcome::selectsNode).toList();
    if (concerned.isEmpty()) {
      return noNode(outcomes);
    }
    List<Share> selected = concerned.stream().flatMap(outcome -> outcome.pfs().stream()).toList();
    long nodes = concerned.stream().filter(outcome -> !outcome.pfs().isEmpty()).count();
    boolean any = !selected.isEmpty();
    List<Miss> misses = concerned.stream().flatMap(outcome -> outcome.misses().stream()).toList();
    return new PolicySummary(
        any,
        reason(any, misses),
        (any ? counted(selected.size(), "PF") + " on " + counted(nodes, "node") + ". " : "")
            + clauses(outcomes));
  }

  private static PolicySummary noNode(SortedMap<String, PolicyOutcome> outcomes) {
    Miss first = outcomes.values().iterator().next().misses().getFirst();
    return new PolicySummary(
        false,
        MissText.reason(first),
        "nodeSelector matches none of "
            + counted(outcomes.size(), "managed node")
            + ". "
            + clauses(outcomes, true));
  }

  private static String reason(boolean any, List<Miss> misses) {
    if (misses.isEmpty()) {
      return "Selected";
    }
    if (any) {
      return "PartlySelected";
    }
    return Stream.concat(misses.stream().filter(Miss.Refusal.class::isInstance), misses.stream())
        .findFirst()
        .map(MissText::reason)
        .orElse("Selected");
  }

  private static String clauses(SortedMap<String, PolicyOutcome> outcomes) {
    return clauses(outcomes, false);
  }

  private static String clauses(SortedMap<String, PolicyOutcome> outcomes, boolean unselected) {
    Map<String, List<String>> nodesByText = new LinkedHashMap<>();
    outcomes.forEach((node, outcome) -> {
      if (outcome.selectsNode() || unselected) {
        nodesByText.computeIfAbsent(clause(outcome), _ -> new ArrayList<>()).add(node);
      }
    });
    String text =
        nodesByText.entrySet().stream()
            .limit(CLAUSES)
            .map(entry -> nodes(entry.getValue()) + ": " + entry.getKey() + ".")
            .collect(Collectors.joining(" "));
    int more = nodesByText.size() - CLAUSES;
    return more > 0 ? text + " And " + counted(more, "further case") + "." : text;
  }

  private static String clause(PolicyOutcome outcome) {
    return Stream.of(
            outcome.pfs().stream().map(PolicySummary::share),
            outcome.misses().stream().map(MissText::of),
            outcome.held().stream().map(share -> "kept as before: " + share(share)))
        .flatMap(part -> part)
        .collect(Collectors.joining("; "));
  }

  private static String share(Share share) {
    return share.pf() + " VFs " + share.vfs();
  }

  private static String nodes(List<String> names) {
    String named = names.stream().limit(NODES_NAMED).collect(Collectors.joining(", "));
    int more = names.size() - NODES_NAMED;
    return more > 0 ? named + " and " + more + " more" : named;
  }

  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
