package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.kube.ClusterClient;
import io.sriov.lab.ApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
              .atMost(20, SECONDS)
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
    client
        .resource(state())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            Serialization.asJson(Map.of("metadata", Map.of("annotations", Map.of(key, value)))));
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
        .atMost(20, SECONDS)
        .untilAsserted(() ->
            org.assertj.core.api.Assertions.assertThat(syncStatus())
                .as(this::lastSyncError)
                .isEqualTo(wanted));
  }
}
