package io.sriov.operator.pool;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Whether a node may be drained now. */
public sealed interface Admission {

  /** It may, and has its slot. */
  record Granted() implements Admission {}

  /**
   * It has to wait for something that people decide; the node is told, so that it does not reboot
   * by itself.
   *
   * @param reason a CamelCase word for programs
   * @param text a clause for people
   */
  record Held(String reason, String text) implements Admission {}

  /** It has to wait until one of the others is back. */
  record NoSlot(int used, int limit) implements Admission {}

  /** It is in several pools, which cannot be right. */
  record InSeveralPools(List<String> pools) implements Admission {

    /** Upstream's words, which people search for. */
    public String text() {
      return "node is part of more then one pool: " + String.join(", ", pools);
    }
  }

  /** Reason of a rollout that was stopped. */
  String ROLLOUT_STOPPED = "RolloutStopped";

  /** Reason of a node in several pools. */
  String IN_SEVERAL_POOLS = "NodeInSeveralPools";

  /**
   * Why a node has to wait for people, empty if it does not.
   *
   * @param failed other nodes of the pool that could not be brought to their spec, sorted
   */
  static Optional<Held> hold(Gate gate, Collection<String> failed) {
    if (gate.shut().isPresent()) {
      return gate.shut().map(shut -> new Held(shut.reason().word(), shut.text()));
    }
    return failed.stream()
        .findFirst()
        .map(first ->
            new Held(
                ROLLOUT_STOPPED,
                "rollout stopped because node "
                    + first
                    + (failed.size() == 1 ? "" : " and " + (failed.size() - 1) + " more")
                    + " could not be brought to the wanted state; it goes on when the policy"
                    + " changes or the node succeeds"));
  }

  /**
   * @param used slots that are taken
   * @param limit slots there are
   */
  static Admission of(Optional<Held> hold, int used, int limit) {
    if (hold.isPresent()) {
      return hold.get();
    }
    return used < limit ? new Granted() : new NoSlot(used, limit);
  }
}
