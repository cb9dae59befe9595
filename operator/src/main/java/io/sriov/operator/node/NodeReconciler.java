package io.sriov.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import io.sriov.api.NodeSystem;
import io.sriov.api.OnFailure;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.kube.Conditions;
import io.sriov.kube.DesiredCondition;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.ManagedNodes;
import io.sriov.operator.cluster.Owner;
import io.sriov.operator.pool.Pool;
import io.sriov.operator.pool.PoolIndex;
import io.sriov.operator.queue.Next;
import io.sriov.plan.deviceplugin.DevicePluginConfig;
import io.sriov.plan.deviceplugin.SupportedNics;
import io.sriov.plan.selection.NodeFacts;
import io.sriov.plan.selection.NodeSelection;
import io.sriov.plan.selection.Policy;
import io.sriov.plan.selection.Selection;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One node: its NodeState, its key of the device plugin's configuration, its label (spec 01 §4 and
 * §5). Every write is made only if the value differs.
 */
public final class NodeReconciler {

  private final KubernetesClient client;
  private final Cluster cluster;
  private final NodeSettings settings;
  private final SupportedNics nics;
  private final Outcomes outcomes;
  private final Consumer<String> policyChanged;
  private final PoolIndex pools;
  private final Conditions conditions;
  private final Clock clock;
  private final PluginConfigMap pluginConfig;
  private final PluginStart pluginStart;

  /**
   * @param policyChanged called with the name of each policy that came to something else
   * @param conditions writes no other conditions of node states than this class has
   */
  public NodeReconciler(
      KubernetesClient client,
      Cluster cluster,
      NodeSettings settings,
      SupportedNics nics,
      Outcomes outcomes,
      Consumer<String> policyChanged,
      PoolIndex pools,
      Conditions conditions,
      Clock clock) {
    this.client = client;
    this.cluster = cluster;
    this.settings = settings;
    this.nics = nics;
    this.outcomes = outcomes;
    this.policyChanged = policyChanged;
    this.pools = pools;
    this.conditions = conditions;
    this.clock = clock;
    this.pluginConfig = new PluginConfigMap(client, cluster);
    this.pluginStart = new PluginStart();
  }

  /**
   * @param name of the node, which may be gone
   */
  public Next reconcile(String name) {
    Optional<SriovOperatorConfig> config = cluster.config();
    if (config.isEmpty() || config.get().isMarkedForDeletion()) {
      // Its appearance is an event for every node; of one that goes nothing is to be made anew.
      return Next.EVENT;
    }
    Optional<Node> node = cluster.nodes.get(name).filter(ManagedNodes.of(config.get())::contains);
    return node.isPresent() ? manage(node.get(), config.get()) : leave(name);
  }

  private Next manage(Node node, SriovOperatorConfig config) {
    String name = node.getMetadata().getName();
    SriovNetworkNodeState state =
        cluster.nodeStates.get(cluster.namespace(), name).orElseGet(() -> create(name, config));
    Collection<SriovNetworkNodePolicy> resources = cluster.policies.list();
    List<Policy> policies = resources.stream().map(Policy::of).flatMap(Optional::stream).toList();
    NodeFacts facts = facts(node, state);
    NodeSelection selection = Selection.select(facts, policies);
    Optional<Pool> pool = pools.poolOf(name);
    DevicePluginConfig plugin = DevicePluginConfig.of(facts, policies, selection, nics);
    Optional<SpecChoice> choice =
        selection
            .spec()
            .map(spec ->
                SpecChoice.of(
                    state,
                    withSystem(spec, pool, state),
                    plugin.json(),
                    pool.map(Pool::onFailure).orElse(OnFailure.STOP)));

    // While the error is still in the status: afterwards the node reports of another spec.
    choice.ifPresent(c -> stopped(state, c.stopped()));
    // The node waits for its spec; the plugin's configuration must be there before the label.
    patch(
        state,
        NodeStatePatch.of(
            state,
            choice.map(SpecChoice::spec),
            choice.map(SpecChoice::annotations).orElse(Map.of()),
            Owner.controller(config)));
    // What belongs to the spec that the node has, which is not the wanted one after a return.
    DevicePluginConfig offered =
        choice.map(SpecChoice::resources).map(DevicePluginConfig::new).orElse(plugin);
    pluginConfig.set(name, offered.json(), config);
    Next next = label(node, state, offered.offersResources() ? Names.ENABLED : Names.DISABLED);
    idle(node, state);
    outcomes.record(name, selection.outcomes(), resources).forEach(policyChanged);
    return next;
  }

  /** What a pool says about its nodes as such. */
  private static SriovNetworkNodeStateSpec withSystem(
      SriovNetworkNodeStateSpec spec, Optional<Pool> pool, SriovNetworkNodeState state) {
    if (pool.filter(p -> !p.selectorReadable()).isPresent()) {
      // Whether the pool is meant for this node is not known: the node stays as it is.
      return new SriovNetworkNodeStateSpec(
          spec.interfaces(),
          spec.bridges(),
          state.getSpec() == null ? null : state.getSpec().system());
    }
    return pool.flatMap(Pool::rdmaMode)
        .map(mode ->
            new SriovNetworkNodeStateSpec(spec.interfaces(), spec.bridges(), new NodeSystem(mode)))
        .orElse(spec);
  }

  /** Condition {@code RolloutStopped}, once it was ever true. */
  private void stopped(SriovNetworkNodeState state, Optional<SpecChoice.Stopped> stopped) {
    List<Condition> stored = state.getStatus() == null ? List.of() : state.getStatus().conditions();
    boolean known = stored.stream().anyMatch(c -> Applied.ROLLOUT_STOPPED.equals(c.getType()));
    if (stopped.isPresent() || known) {
      var unused =
          conditions.apply(
              state,
              stored,
              List.of(
                  stopped
                      .map(s ->
                          DesiredCondition.holds(Applied.ROLLOUT_STOPPED, s.reason(), s.text()))
                      .orElse(
                          DesiredCondition.fails(
                              Applied.ROLLOUT_STOPPED, "Proceeding", "Nothing failed here."))));
    }
  }

  private static NodeFacts facts(Node node, SriovNetworkNodeState state) {
    return new NodeFacts(
        node.getMetadata().getName(),
        ManagedNodes.labels(node),
        state.getStatus() == null ? List.of() : state.getStatus().interfaces(),
        state.getSpec() == null ? SriovNetworkNodeStateSpec.EMPTY : state.getSpec());
  }

  /**
   * Without a spec: what the node shall look like is not known before it has reported its PFs. An
   * empty spec would tell a node whose state was lost, or that is installed again, to give up the
   * VFs its pods hold.
   */
  private SriovNetworkNodeState create(String name, SriovOperatorConfig config) {
    SriovNetworkNodeState state = new SriovNetworkNodeState();
    state.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withNamespace(cluster.namespace())
            .withOwnerReferences(Owner.controller(config))
            .withAnnotations(
                settings.externalDrainer()
                    ? null
                    : Map.of(Names.DESIRED_STATE, Names.IDLE, Names.CURRENT_STATE, Names.IDLE))
            .build());
    SriovNetworkNodeState created = client.resource(state).create();
    cluster.nodeStates.remember(created);
    return created;
  }

  /** Annotations from which the drain hand-shake starts (spec 02 §5.1). */
  private void idle(Node node, SriovNetworkNodeState state) {
    if ("true".equals(NodeStatePatch.annotation(state, Names.USE_EXTERNAL_DRAINER))
        || settings.externalDrainer()) {
      return;
    }
    for (String name : List.of(Names.DESIRED_STATE, Names.CURRENT_STATE)) {
      SriovNetworkNodeState latest = latest(state);
      if (NodeStatePatch.annotation(latest, name) == null) {
        patch(latest, NodeStatePatch.annotate(latest, name, Names.IDLE));
      }
    }
    Map<String, String> annotations = node.getMetadata().getAnnotations();
    if (annotations == null || !annotations.containsKey(Names.NODE_STATE)) {
      mergeMetadata(node, "annotations", Names.NODE_STATE, Names.IDLE);
    }
  }

  /** A node that is gone or no longer selected (spec 01 §4.9). */
  private Next leave(String name) {
    outcomes.forget(name).forEach(policyChanged);
    pluginStart.forget(name);
    cluster
        .nodes
        .get(name)
        .filter(node -> ManagedNodes.labels(node).containsKey(Names.DEVICE_PLUGIN_LABEL))
        .ifPresent(node -> mergeMetadata(node, "labels", Names.DEVICE_PLUGIN_LABEL, null));
    pluginConfig.remove(name);
    return cluster
        .nodeStates
        .get(cluster.namespace(), name)
        .map(this::keepOrDelete)
        .orElse(Next.EVENT);
  }

  private Next keepOrDelete(SriovNetworkNodeState state) {
    String annotation = NodeStatePatch.annotation(state, Names.KEEP_STATE_UNTIL);
    return switch (KeepUntil.of(annotation, settings.staleStateDelay(), clock)) {
      case KeepUntil.Delete() -> {
        var unused = client.resource(state).delete();
        yield Next.EVENT;
      }
      case KeepUntil.Keep(var remaining) -> Next.in(remaining.plusSeconds(1));
      case KeepUntil.Mark(String until, var remaining) -> {
        patch(state, NodeStatePatch.annotate(state, Names.KEEP_STATE_UNTIL, until));
        yield Next.in(remaining.plusSeconds(1));
      }
    };
  }

  private void patch(SriovNetworkNodeState state, List<Map<String, Object>> patch) {
    if (!patch.isEmpty()) {
      cluster.nodeStates.remember(
          client
              .resource(state)
              .patch(
                  PatchContext.of(PatchType.JSON),
                  client.getKubernetesSerialization().asJson(patch)));
    }
  }

  /** The label by which a node has a pod of the device plugin (spec 01 §5.5). */
  private Next label(Node node, SriovNetworkNodeState state, String value) {
    String name = node.getMetadata().getName();
    if (!value.equals(ManagedNodes.labels(node).get(Names.DEVICE_PLUGIN_LABEL))) {
      if (value.equals(Names.ENABLED)) {
        Optional<Duration> wait =
            pluginStart.putOff(name, Applied.of(latest(state)), clock.instant());
        if (wait.isPresent()) {
          return Next.in(wait.get());
        }
      }
      mergeMetadata(node, "labels", Names.DEVICE_PLUGIN_LABEL, value);
    }
    pluginStart.forget(name);
    return Next.EVENT;
  }

  private SriovNetworkNodeState latest(SriovNetworkNodeState state) {
    return cluster.nodeStates.get(cluster.namespace(), state.getMetadata().getName()).orElse(state);
  }

  /** Sets one label or annotation of a node, or removes it when {@code value} is null. */
  private void mergeMetadata(Node node, String map, String name, @Nullable String value) {
    Map<String, @Nullable String> entry = new HashMap<>();
    entry.put(name, value);
    try {
      cluster.nodes.remember(
          client
              .resource(node)
              .patch(
                  PatchContext.of(PatchType.JSON_MERGE),
                  client
                      .getKubernetesSerialization()
                      .asJson(Map.of("metadata", Map.of(map, entry)))));
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) {
        throw e;
      }
    }
  }
}
