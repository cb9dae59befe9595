package io.sriov.operator.pool;

import io.sriov.kube.DesiredCondition;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Conditions of a pool: whether it can work, what is being drained, who waits and for what. */
final class PoolConditions {

  private static final String READY = "Ready";
  private static final String DRAINING = "Draining";
  private static final String WAITING = "Waiting";
  private static final int NAMED = 10;

  private PoolConditions() {}

  /** Of a pool for the hardware offload of Open vSwitch. */
  static List<DesiredCondition> hardwareOffload(String machineConfigPool) {
    return List.of(
        DesiredCondition.fails(
            READY,
            "NotSupported",
            "Not supported by this version and therefore without effect:"
                + " ovsHardwareOffloadConfig.name "
                + machineConfigPool
                + "."));
  }

  static List<DesiredCondition> of(PoolState state) {
    return List.of(ready(state), draining(state), waiting(state));
  }

  private static DesiredCondition ready(PoolState state) {
    Pool pool = state.pool();
    if (!pool.faults().isEmpty()) {
      return DesiredCondition.fails(
          READY,
          Gate.Reason.INVALID_SPEC.word(),
          String.join("; ", pool.faults()) + ". Until it is corrected no drain starts.");
    }
    if (!state.conflicts().isEmpty()) {
      return DesiredCondition.fails(
          READY,
          Admission.IN_SEVERAL_POOLS,
          "These nodes are in another pool too and are not drained: "
              + names(state.conflicts())
              + ".");
    }
    if (state.limit() == 0) {
      return DesiredCondition.fails(
          READY, "NothingMayDrain", "maxUnavailable is 0: no node of the pool is ever drained.");
    }
    return DesiredCondition.holds(
        READY,
        "PoolReady",
        count(state.nodes())
            + (state.limit() == Integer.MAX_VALUE
                ? ", all may be drained at once."
                : ", at most " + state.limit() + " drained at once."));
  }

  private static DesiredCondition draining(PoolState state) {
    return state.busy().isEmpty()
        ? DesiredCondition.fails(DRAINING, "NothingDrains", "No node is drained.")
        : DesiredCondition.holds(
            DRAINING,
            "NodesDrain",
            count(state.busy().size()) + " drained or being drained: " + names(state.busy()) + ".");
  }

  private static DesiredCondition waiting(PoolState state) {
    var failed = new TreeMap<>(state.failed());
    var hold = Admission.hold(state.gate(), failed.keySet());
    String why =
        hold.map(Admission.Held::text)
            .orElse("all " + state.limit() + " slots of maxUnavailable are taken");
    String reason = hold.map(Admission.Held::reason).orElse("NoFreeSlot");
    String failures =
        failed.entrySet().stream()
            .limit(NAMED)
            .map(entry -> " Node " + entry.getKey() + ": " + entry.getValue() + ".")
            .collect(Collectors.joining());
    if (state.waiting().isEmpty()) {
      return DesiredCondition.fails(
          WAITING,
          hold.isPresent() ? reason : "NothingWaits",
          (hold.isPresent() ? "No node waits; " + why : "No node waits") + "." + failures);
    }
    return DesiredCondition.holds(
        WAITING,
        reason,
        count(state.waiting().size())
            + " to be drained: "
            + names(state.waiting())
            + "; waiting because "
            + because(why)
            + "."
            + failures);
  }

  /** "waiting because outside the windows" is no sentence. */
  private static String because(String why) {
    return why.startsWith("outside")
        ? "it is " + why
        : why.startsWith("rollout") ? "the " + why : why;
  }

  private static String names(List<String> nodes) {
    String named = nodes.stream().limit(NAMED).collect(Collectors.joining(", "));
    return nodes.size() > NAMED ? named + " and " + (nodes.size() - NAMED) + " more" : named;
  }

  private static String count(int nodes) {
    return nodes + (nodes == 1 ? " node" : " nodes");
  }
}
