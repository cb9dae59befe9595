package io.sriov.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkPoolConfig;
import io.sriov.kube.Conditions;
import io.sriov.kube.Events;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.ManagedNodes;
import io.sriov.operator.drain.DrainMetrics;
import io.sriov.operator.drain.DrainReconciler;
import io.sriov.operator.node.Applied;
import io.sriov.operator.pool.PoolIndex;
import io.sriov.operator.pool.PoolReconciler;
import io.sriov.operator.queue.QueueMetrics;
import io.sriov.operator.queue.WorkQueue;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Pools and drains, and which event concerns which node or pool. */
final class DrainController implements AutoCloseable {

  private static final int WORKERS = 32;

  /** A pool's status sums up its nodes: not once for each of a thousand. */
  private static final Duration STATUS_DELAY = Duration.ofMillis(500);

  private final Cluster cluster;
  private final PoolIndex index;
  private final DrainReconciler reconciler;
  private final WorkQueue<String> drains;
  private final WorkQueue<String> pools;

  /** Before the first decision all slots that are taken must be known. */
  private volatile boolean loaded;

  /**
   * @param conditions of pools
   */
  DrainController(
      KubernetesClient client,
      Cluster cluster,
      String resourcePrefix,
      Events events,
      Conditions conditions,
      QueueMetrics queueMetrics,
      PrometheusRegistry registry,
      Clock clock) {
    this.cluster = cluster;
    index = new PoolIndex(clock, this::look, this::poolChanged);
    reconciler =
        new DrainReconciler(
            client,
            cluster,
            index,
            resourcePrefix,
            new DrainMetrics(registry),
            events,
            // A name of its own: the conditions of one writer are those it applied last.
            new Conditions(client, events, clock, Names.OPERATOR + "-drain"),
            this::look,
            clock);
    DrainMetrics.publish(registry, index);
    drains = new WorkQueue<>("drain-controller", WORKERS, queueMetrics, reconciler::reconcile);
    pools =
        new WorkQueue<>(
            "sriovnetworkpoolconfig",
            1,
            queueMetrics,
            new PoolReconciler(client, cluster, index, conditions, clock)::reconcile);
  }

  PoolIndex index() {
    return index;
  }

  private void look(String node) {
    if (loaded) {
      drains.add(node);
    }
  }

  private void poolChanged(String pool) {
    pools.addAfter(pool, STATUS_DELAY);
  }

  /**
   * Begins to act.
   *
   * @param failureChanged called with the name of a node at which a rollout stops or goes on
   */
  void start(Consumer<String> failureChanged) {
    cluster.pools.list().forEach(pool -> PoolReconciler.follow(index, pool, true));
    cluster.nodes.list().forEach(this::put);
    loaded = true;

    cluster.pools.listen(this::poolEvent);
    cluster.nodes.listen(this::nodeEvent);
    cluster.nodeStates.listen((before, after) -> stateEvent(before, after, failureChanged));
  }

  /** Which nodes are managed has changed. */
  void managedChanged(Stream<String> nodes) {
    nodes.forEach(name -> {
      index.standing(name, () -> reconciler.standing(name));
      drains.add(name);
    });
  }

  private void put(Node node) {
    String name = node.getMetadata().getName();
    index.put(name, ManagedNodes.labels(node));
    index.standing(name, () -> reconciler.standing(name));
  }

  private void poolEvent(
      @Nullable SriovNetworkPoolConfig before, @Nullable SriovNetworkPoolConfig after) {
    PoolReconciler.follow(
        index,
        Objects.requireNonNull(after != null ? after : before),
        after != null && !after.isMarkedForDeletion());
    pools.add(name(before, after));
  }

  private void nodeEvent(@Nullable Node before, @Nullable Node after) {
    if (after == null) {
      index.removeNode(name(before, null));
    } else {
      put(after);
    }
    if (before == null || after == null || !sameForDrain(before, after)) {
      drains.add(name(before, after));
    }
  }

  private static boolean sameForDrain(Node before, Node after) {
    return Objects.equals(
            before.getMetadata().getAnnotations(), after.getMetadata().getAnnotations())
        && ManagedNodes.labels(before).equals(ManagedNodes.labels(after))
        && Objects.equals(unschedulable(before), unschedulable(after));
  }

  private static @Nullable Boolean unschedulable(Node node) {
    return node.getSpec() == null ? null : node.getSpec().getUnschedulable();
  }

  private void stateEvent(
      @Nullable SriovNetworkNodeState before,
      @Nullable SriovNetworkNodeState after,
      Consumer<String> failureChanged) {
    String name = name(before, after);
    index.standing(name, () -> reconciler.standing(name));
    boolean same =
        before != null
            && after != null
            && Objects.equals(
                before.getMetadata().getAnnotations(), after.getMetadata().getAnnotations())
            && Objects.equals(
                before.getMetadata().getGeneration(), after.getMetadata().getGeneration());
    if (!same) {
      drains.add(name);
    }
    boolean sameFailure =
        before != null && after != null && Applied.failure(before).equals(Applied.failure(after));
    if (!sameFailure) {
      failureChanged.accept(name);
    }
  }

  private static String name(@Nullable HasMetadata before, @Nullable HasMetadata after) {
    return Objects.requireNonNull(after != null ? after : before).getMetadata().getName();
  }

  /** Lets running passes finish. */
  @Override
  public void close() {
    drains.close();
    pools.close();
    reconciler.close();
  }
}
