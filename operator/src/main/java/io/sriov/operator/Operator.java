package io.sriov.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import io.sriov.api.SriovNetworkPoolConfig;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.kube.Conditions;
import io.sriov.kube.Events;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.Finalizers;
import io.sriov.operator.cluster.ManagedNodes;
import io.sriov.operator.config.ConfigReconciler;
import io.sriov.operator.network.NetworkKey;
import io.sriov.operator.network.NetworkReconciler;
import io.sriov.operator.network.Networks;
import io.sriov.operator.node.Applied;
import io.sriov.operator.node.NodeReconciler;
import io.sriov.operator.node.Outcomes;
import io.sriov.operator.node.PolicyReconciler;
import io.sriov.operator.queue.QueueMetrics;
import io.sriov.operator.queue.WorkQueue;
import io.sriov.plan.deviceplugin.SupportedNics;
import io.sriov.plan.selection.Policy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controllers, and which event concerns which key. */
final class Operator implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Operator.class);
  private static final int WORKERS = 8;

  /** A policy's status sums up all nodes: not once for each of a thousand. */
  private static final Duration STATUS_DELAY = Duration.ofMillis(100);

  private final KubernetesClient client;
  private final Cluster cluster;
  private final Networks networks;
  private final WorkQueue<String> configs;
  private final DrainController drains;
  private final WorkQueue<String> nodes;
  private final WorkQueue<String> policies;
  private final WorkQueue<NetworkKey> attachments;

  Operator(
      KubernetesClient client,
      Cluster cluster,
      OperatorSettings settings,
      SupportedNics nics,
      Events events,
      PrometheusRegistry registry,
      Clock clock) {
    this.client = client;
    this.cluster = cluster;
    Conditions conditions = new Conditions(client, events, clock, Names.OPERATOR);
    QueueMetrics metrics = new QueueMetrics(registry);
    networks = new Networks(cluster);
    Outcomes outcomes = new Outcomes();
    configs =
        new WorkQueue<>(
            "sriovoperatorconfig",
            1,
            metrics,
            new ConfigReconciler(client, cluster, settings.workloads(), conditions)::reconcile);
    drains =
        new DrainController(
            client,
            cluster,
            settings.workloads().resourcePrefix(),
            events,
            conditions,
            metrics,
            registry,
            clock);
    policies =
        new WorkQueue<>(
            "sriovnetworknodepolicy",
            1,
            metrics,
            new PolicyReconciler(cluster, outcomes, drains.index(), conditions)::reconcile);
    nodes =
        new WorkQueue<>(
            "sriovnetworknodestate",
            WORKERS,
            metrics,
            new NodeReconciler(
                    client,
                    cluster,
                    settings.nodes(),
                    nics,
                    outcomes,
                    policy -> policies.addAfter(policy, STATUS_DELAY),
                    drains.index(),
                    conditions,
                    clock)
                ::reconcile);
    attachments =
        new WorkQueue<>(
            "sriovnetwork",
            WORKERS,
            metrics,
            new NetworkReconciler(
                    client,
                    cluster,
                    networks,
                    settings.workloads().resourcePrefix(),
                    settings.workloads()::installsPluginOf,
                    conditions)
                ::reconcile);
  }

  /**
   * Reads the cluster and begins to act.
   *
   * @throws IllegalStateException naming the kind that cannot be read
   */
  void start() throws InterruptedException {
    cluster.start();
    drains.start(_ -> everyPolicySoon());
    cluster.configs.listen(this::configChanged);
    cluster.daemonSets.listen(this::workloadChanged);
    cluster.pools.listen(this::poolChanged);
    cluster.nodes.listen(this::nodeChanged);
    cluster.nodeStates.listen(this::nodeStateChanged);
    cluster.policies.listen(this::policyChanged);
    cluster.devicePluginConfig.listen(this::pluginConfigChanged);
    networks.listen(attachments::add);
    cluster.attachments.listen((before, after) ->
        networks
            .concernedBy(Objects.requireNonNull(after != null ? after : before))
            .forEach(attachments::add));
    cluster.namespaces.listen((before, after) -> {
      if (before == null && after != null) {
        networks.targeting(after.getMetadata().getName()).forEach(attachments::add);
      }
    });
  }

  private void configChanged(
      @Nullable SriovOperatorConfig before, @Nullable SriovOperatorConfig after) {
    configs.add(name(before, after));
    boolean sameNodes =
        before != null
            && after != null
            && ManagedNodes.of(before).equals(ManagedNodes.of(after))
            && before.isMarkedForDeletion() == after.isMarkedForDeletion();
    if (!sameNodes && Names.DEFAULT.equals(name(before, after))) {
      everyNode().forEach(nodes::add);
      drains.managedChanged(everyNode());
      cluster.policies.list().forEach(policy -> policies.add(name(policy, null)));
    }
  }

  private void everyPolicySoon() {
    cluster.policies.list().forEach(p -> policies.addAfter(name(p, null), STATUS_DELAY));
  }

  /** Of a pool, the mode of its nodes and what becomes of failures are in their states. */
  private void poolChanged(
      @Nullable SriovNetworkPoolConfig before, @Nullable SriovNetworkPoolConfig after) {
    boolean onlyStatus =
        before != null && after != null && Objects.equals(before.getSpec(), after.getSpec());
    if (!onlyStatus) {
      everyNode().forEach(nodes::add);
    }
  }

  /** A workload that was changed or deleted by somebody is put right; its status is no matter. */
  private void workloadChanged(@Nullable HasMetadata before, @Nullable HasMetadata after) {
    boolean onlyStatus =
        before != null
            && after != null
            && Objects.equals(
                before.getMetadata().getGeneration(), after.getMetadata().getGeneration());
    String name = name(before, after);
    if (!onlyStatus && (name.equals(Names.CONFIG_DAEMON) || name.equals(Names.DEVICE_PLUGIN))) {
      configs.add(Names.DEFAULT);
    }
  }

  private void nodeChanged(@Nullable Node before, @Nullable Node after) {
    boolean heartbeat =
        before != null
            && after != null
            && ManagedNodes.labels(before).equals(ManagedNodes.labels(after))
            && Objects.equals(
                before.getMetadata().getAnnotations(), after.getMetadata().getAnnotations());
    if (heartbeat) {
      return;
    }
    nodes.add(name(before, after));
    if (before == null
        || after == null
        || !ManagedNodes.labels(before).equals(ManagedNodes.labels(after))) {
      // Of a node that no policy's selector matches only the status of the policies tells.
      everyPolicySoon();
    }
  }

  /** What the config daemon reports of VFs and progress is no matter, what of PFs is. */
  private void nodeStateChanged(
      @Nullable SriovNetworkNodeState before, @Nullable SriovNetworkNodeState after) {
    boolean same =
        before != null
            && after != null
            && interfaces(before).equals(interfaces(after))
            && Objects.equals(before.getSpec(), after.getSpec())
            && Applied.of(before) == Applied.of(after)
            && Objects.equals(
                before.getMetadata().getAnnotations(), after.getMetadata().getAnnotations())
            && Objects.equals(
                before.getMetadata().getOwnerReferences(),
                after.getMetadata().getOwnerReferences());
    if (!same) {
      nodes.add(name(before, after));
    }
  }

  private static List<InterfaceExt> interfaces(SriovNetworkNodeState state) {
    return state.getStatus() == null ? List.of() : state.getStatus().interfaces();
  }

  /** A policy concerns the nodes that it selects or selected. */
  private void policyChanged(
      @Nullable SriovNetworkNodePolicy before, @Nullable SriovNetworkNodePolicy after) {
    boolean onlyStatus =
        before != null && after != null && Objects.equals(before.getSpec(), after.getSpec());
    if (onlyStatus) {
      return;
    }
    cluster.nodes.list().stream()
        .filter(node -> selects(before, node) || selects(after, node))
        .forEach(node -> nodes.add(name(node, null)));
    policies.addAfter(name(before, after), STATUS_DELAY);
  }

  private static boolean selects(@Nullable SriovNetworkNodePolicy policy, Node node) {
    return policy != null
        && Policy.of(policy).filter(p -> p.selects(ManagedNodes.labels(node))).isPresent();
  }

  /** Keys that somebody changed, and those of nodes that went while no operator ran. */
  private void pluginConfigChanged(@Nullable ConfigMap before, @Nullable ConfigMap after) {
    Map<String, String> old = data(before);
    Map<String, String> now = data(after);
    Stream.concat(old.keySet().stream(), now.keySet().stream())
        .distinct()
        .filter(node -> !Objects.equals(old.get(node), now.get(node)))
        .forEach(nodes::add);
  }

  private static Map<String, String> data(@Nullable ConfigMap map) {
    return map == null || map.getData() == null ? Map.of() : map.getData();
  }

  private Stream<String> everyNode() {
    return Stream.concat(cluster.nodes.list().stream(), cluster.nodeStates.list().stream())
        .map(object -> object.getMetadata().getName())
        .distinct();
  }

  private static String name(@Nullable HasMetadata before, @Nullable HasMetadata after) {
    return Objects.requireNonNull(after != null ? after : before).getMetadata().getName();
  }

  /**
   * Takes our finalizer off the networks, so that they can be deleted while no operator runs (spec
   * 02 §1.2). The next operator puts it back and removes the attachments of those that went.
   */
  void releaseNetworks() {
    Finalizers finalizers = new Finalizers(client);
    networks
        .all()
        .filter(network -> cluster.namespace().equals(network.getMetadata().getNamespace()))
        .forEach(network -> {
          try {
            finalizers.remove(network, Names.NETWORK_FINALIZER);
          } catch (KubernetesClientException e) {
            log.warn(
                "Cannot release {} {}: {}",
                network.getKind(),
                network.getMetadata().getName(),
                e.getMessage());
          }
        });
  }

  /** Lets running reconciles finish. */
  @Override
  public void close() {
    Stream.of(configs, nodes, policies, attachments).forEach(WorkQueue::close);
    drains.close();
  }
}
