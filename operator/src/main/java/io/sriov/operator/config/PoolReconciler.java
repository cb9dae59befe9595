package io.sriov.operator.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkPoolConfig;
import io.sriov.kube.Conditions;
import io.sriov.kube.DesiredCondition;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.Finalizers;
import io.sriov.operator.queue.Next;
import java.util.List;

/** Pools: says by name what of them has no effect, and lets them go. */
public final class PoolReconciler {

  private final Cluster cluster;
  private final Conditions conditions;
  private final Finalizers finalizers;

  public PoolReconciler(KubernetesClient client, Cluster cluster, Conditions conditions) {
    this.cluster = cluster;
    this.conditions = conditions;
    this.finalizers = new Finalizers(client);
  }

  /**
   * @param name of the pool
   */
  public Next reconcile(String name) {
    var found = cluster.pools.get(cluster.namespace(), name);
    if (found.isEmpty()) {
      return Next.EVENT;
    }
    SriovNetworkPoolConfig pool = found.get();
    if (pool.isMarkedForDeletion()) {
      // Set by the Go operator for hardware offload; on Kubernetes there is nothing to undo.
      finalizers.remove(pool, Names.POOL_FINALIZER);
      return Next.EVENT;
    }
    List<String> refused = pool.getSpec() == null ? List.of() : Unsupported.in(pool.getSpec());
    var unused =
        conditions.apply(
            pool,
            pool.getStatus() == null ? List.of() : pool.getStatus().conditions(),
            List.of(
                refused.isEmpty()
                    ? DesiredCondition.holds("Ready", "PoolReady", "Nothing is asked of the pool")
                    : DesiredCondition.fails(
                        "Ready",
                        "NotSupported",
                        "Not supported by this version and therefore without effect: "
                            + String.join(", ", refused)
                            + ".")));
    return Next.EVENT;
  }
}
