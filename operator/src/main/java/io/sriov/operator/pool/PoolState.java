package io.sriov.operator.pool;

import java.util.List;
import java.util.Map;

/**
 * What the nodes of a pool do at some moment.
 *
 * @param nodes how many the pool has
 * @param busy being drained or drained, sorted
 * @param waiting for a drain, sorted
 * @param failed nodes at which the rollout stopped, with the reason
 * @param conflicts nodes that are in another pool too, sorted
 */
public record PoolState(
    Pool pool,
    Gate gate,
    int nodes,
    List<String> busy,
    List<String> waiting,
    Map<String, String> failed,
    List<String> conflicts) {

  int limit() {
    return pool.maxUnavailable().of(nodes);
  }
}
