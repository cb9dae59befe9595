package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.api.SriovOperatorConfigSpec;
import io.sriov.kube.ClusterClient;
import io.sriov.lab.ApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A namespace of a real API server, seen by the administrator. */
public final class Cluster {

  public static final String NODE = "worker1";

  public final KubernetesClient client;
  public final String namespace = "test-" + UUID.randomUUID().toString().substring(0, 8);

  public Cluster(ApiServer server) {
    client = ClusterClient.open(Optional.of(server.kubeconfig()), "tests");
    try (var files = Files.list(Path.of(System.getProperty("sriov.root"), "chart/crds"))) {
      var crds =
          files
              .map(file ->
                  client
                      .apiextensions()
                      .v1()
                      .customResourceDefinitions()
                      .load(file.toFile())
                      .item())
              .toList();
      crds.forEach(crd -> client.resource(crd).fieldManager("tests").serverSideApply());
      crds.forEach(crd ->
          await()
              .atMost(60, SECONDS)
              .until(() ->
                  client.resource(crd).get().getStatus().getConditions().stream()
                      .anyMatch(
                          c -> c.getType().equals("Established") && c.getStatus().equals("True"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    // The same name in every test, without what the last one left on it.
    client.nodes().withName(NODE).delete();
    client
        .resource(new NodeBuilder().withNewMetadata().withName(NODE).endMetadata().build())
        .create();
  }

  /** The administrator's configuration of the whole stack. */
  void operatorConfig(String spec) {
    var config = new SriovOperatorConfig();
    config.setMetadata(
        new ObjectMetaBuilder().withName(Names.DEFAULT).withNamespace(namespace).build());
    config.setSpec(Serialization.unmarshal(spec, SriovOperatorConfigSpec.class));
    if (client.resource(config).get() == null) {
      client.resource(config).create();
    } else {
      client.resource(config).update();
    }
  }

  /** What the Node asks for. */
  String request() {
    return annotation(client.nodes().withName(NODE).get(), Names.NODE_STATE);
  }

  /** What the NodeState asks for. */
  String desired() {
    return annotation(state(), Names.DESIRED_STATE);
  }

  String drainPods() {
    return annotation(state(), Names.DRAIN_PODS);
  }

  /** What the drainer says. */
  void current(String state) {
    annotate(Names.CURRENT_STATE, state);
  }

  /** A drainer that has nothing to do. */
  void idle() {
    annotate(Names.DESIRED_STATE, Names.IDLE);
    annotate(Names.CURRENT_STATE, Names.IDLE);
    annotateNode(Names.NODE_STATE, Names.IDLE);
  }

  /** Wants it on a node whose drainer has nothing to do. */
  void wantIdle(String interfaces) {
    annotateNode(Names.NODE_STATE, Names.IDLE);
    var state = new SriovNetworkNodeState();
    state.setMetadata(
        new ObjectMetaBuilder()
            .withName(NODE)
            .withNamespace(namespace)
            .withAnnotations(
                Map.of(Names.DESIRED_STATE, Names.IDLE, Names.CURRENT_STATE, Names.IDLE))
            .build());
    state.setSpec(spec(interfaces));
    client.resource(state).create();
  }

  /** Server-side apply by another writer of conditions. */
  void applyConditions(String manager, List<Condition> conditions) {
    var state = state();
    client
        .genericKubernetesResources(ResourceDefinitionContext.fromResourceType(state.getClass()))
        .inNamespace(namespace)
        .withName(NODE)
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .withForce(true)
                .build(),
            new GenericKubernetesResourceBuilder()
                .withApiVersion(state.getApiVersion())
                .withKind(state.getKind())
                .withNewMetadata()
                .withName(NODE)
                .withNamespace(namespace)
                .endMetadata()
                .addToAdditionalProperties("status", Map.of("conditions", conditions))
                .build());
  }

  void annotateNode(String key, String value) {
    client.nodes().withName(NODE).patch(PatchContext.of(PatchType.JSON_MERGE), patch(key, value));
  }

  private static String annotation(HasMetadata object, String key) {
    var annotations = object.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(key);
  }

  /** Both annotations say the same. */
  void awaitRequest(String wanted) {
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() ->
            org.assertj.core.api.Assertions.assertThat(List.of("" + request(), "" + desired()))
                .as(this::lastSyncError)
                .containsOnly(wanted));
  }

  /** Notes of the events with this reason, so far. */
  public List<String> events(String reason) {
    return client.events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals(reason))
        .map(Event::getNote)
        .toList();
  }

  Optional<Condition> condition(String type) {
    var status = state().getStatus();
    return status == null
        ? Optional.empty()
        : status.conditions().stream().filter(c -> c.getType().equals(type)).findFirst();
  }

  /** Awaits a condition that holds. */
  Condition awaitCondition(String type) {
    await()
        .atMost(60, SECONDS)
        .until(() -> condition(type).filter(c -> c.getStatus().equals("True")).isPresent());
    return condition(type).orElseThrow();
  }

  static SriovNetworkNodeStateSpec spec(String interfaces) {
    return Serialization.unmarshal(
        "interfaces: [" + interfaces + "]", SriovNetworkNodeStateSpec.class);
  }

  public void want(String interfaces) {
    var state = new SriovNetworkNodeState();
    state.setMetadata(new ObjectMetaBuilder().withName(NODE).withNamespace(namespace).build());
    state.setSpec(spec(interfaces));
    if (state() == null) {
      client.resource(state).create();
    } else {
      client
          .resource(state)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"spec\":{\"interfaces\":"
                  + Serialization.asJson(state.getSpec().interfaces())
                  + "}}");
    }
  }

  /** A NodeState as the operator creates it, before it has seen the node's PFs. */
  void undecided() {
    var state = new SriovNetworkNodeState();
    state.setMetadata(new ObjectMetaBuilder().withName(NODE).withNamespace(namespace).build());
    client.resource(state).create();
  }

  void patchStatus(String patch) {
    client
        .resource(state())
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  void annotate(String key, String value) {
    client.resource(state()).patch(PatchContext.of(PatchType.JSON_MERGE), patch(key, value));
  }

  /** With null the annotation is removed. */
  private static String patch(String key, String value) {
    var annotations = new HashMap<String, String>();
    annotations.put(key, value);
    return Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations)));
  }

  public SriovNetworkNodeState state() {
    return client
        .resources(SriovNetworkNodeState.class)
        .inNamespace(namespace)
        .withName(NODE)
        .get();
  }

  public void pluginConfig(Map<String, String> data) {
    configMap(Names.DEVICE_PLUGIN_CONFIG_MAP, data);
  }

  void supported(Map<String, String> data) {
    configMap(Names.SUPPORTED_NICS_CONFIG_MAP, data);
  }

  private void configMap(String name, Map<String, String> data) {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withData(data)
                .build())
        .fieldManager("tests")
        .forceConflicts()
        .serverSideApply();
  }

  String syncStatus() {
    var status = state().getStatus();
    return status == null || status.syncStatus() == null ? "" : status.syncStatus();
  }

  String lastSyncError() {
    var status = state().getStatus();
    return status == null || status.lastSyncError() == null ? "" : status.lastSyncError();
  }

  public void awaitStatus(String wanted) {
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() ->
            org.assertj.core.api.Assertions.assertThat(syncStatus())
                .as(this::lastSyncError)
                .isEqualTo(wanted));
  }
}
