package io.sriov.operator.pool;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkPoolConfig;
import io.sriov.kube.Conditions;
import io.sriov.kube.DesiredCondition;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.Finalizers;
import io.sriov.operator.queue.Next;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One pool: its status, and the moments at which its maintenance windows open and close. */
public final class PoolReconciler {

  /** After the moment itself, so that it is past by every clock. */
  private static final Duration AFTER = Duration.ofMillis(20);

  private final Cluster cluster;
  private final PoolIndex index;
  private final Conditions conditions;
  private final Finalizers finalizers;
  private final Clock clock;
  private final Map<String, Optional<Gate.Shut>> shut = new HashMap<>();

  public PoolReconciler(
      KubernetesClient client,
      Cluster cluster,
      PoolIndex index,
      Conditions conditions,
      Clock clock) {
    this.cluster = cluster;
    this.index = index;
    this.conditions = conditions;
    this.finalizers = new Finalizers(client);
    this.clock = clock;
  }

  /** Takes the spec of a pool as it is now; {@code pool} is gone if {@code there} is not set. */
  public static void follow(PoolIndex index, SriovNetworkPoolConfig pool, boolean there) {
    Optional<Pool> read = there ? Pool.of(pool) : Optional.empty();
    read.ifPresentOrElse(index::put, () -> index.removePool(pool.getMetadata().getName()));
  }

  /**
   * @param name of the pool
   */
  public synchronized Next reconcile(String name) {
    var found = cluster.pools.get(cluster.namespace(), name);
    if (found.isEmpty()) {
      shut.remove(name);
      return Next.EVENT;
    }
    SriovNetworkPoolConfig pool = found.get();
    if (pool.isMarkedForDeletion()) {
      // Set by the Go operator for hardware offload; on Kubernetes there is nothing to undo.
      finalizers.remove(pool, Names.POOL_FINALIZER);
      return Next.EVENT;
    }
    Optional<String> offload = Pool.hardwareOffload(pool);
    if (offload.isPresent()) {
      write(pool, PoolConditions.hardwareOffload(offload.get()));
      return Next.EVENT;
    }
    return index.state(name).map(state -> follow(pool, state)).orElse(Next.EVENT);
  }

  private Next follow(SriovNetworkPoolConfig resource, PoolState state) {
    String name = state.pool().name();
    Optional<Gate.Shut> before = shut.put(name, state.gate().shut());
    if (before != null && !before.equals(state.gate().shut())) {
      index.gateMoved(name);
    }
    write(resource, PoolConditions.of(state));
    Instant now = clock.instant();
    return state
        .gate()
        .until()
        .map(until -> Next.in(Duration.between(now, until).plus(AFTER)))
        .orElse(Next.EVENT);
  }

  private void write(SriovNetworkPoolConfig pool, List<DesiredCondition> desired) {
    var unused =
        conditions.apply(
            pool, pool.getStatus() == null ? List.of() : pool.getStatus().conditions(), desired);
  }
}
