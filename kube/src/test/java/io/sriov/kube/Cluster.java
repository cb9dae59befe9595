package io.sriov.kube;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.sriov.api.SriovNetwork;
import io.sriov.lab.ApiServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** The shared API server with our CRDs, and a namespace for each test. */
final class Cluster {

  static final KubernetesClient CLIENT =
      ClusterClient.open(Optional.of(ApiServer.shared().kubeconfig()), "kube-tests");

  static {
    try (var files = Files.list(Path.of(System.getProperty("sriov.root"), "chart/crds"))) {
      var crds =
          files
              .map(file ->
                  CLIENT
                      .apiextensions()
                      .v1()
                      .customResourceDefinitions()
                      .load(file.toFile())
                      .item())
              .toList();
      crds.forEach(crd -> CLIENT.resource(crd).fieldManager("tests").serverSideApply());
      crds.forEach(Cluster::awaitServed);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Cluster() {}

  static String newNamespace() {
    var name = "test-" + UUID.randomUUID().toString().substring(0, 8);
    CLIENT
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return name;
  }

  static SriovNetwork newNetwork(String namespace) {
    var network = new SriovNetwork();
    network.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName("net").build());
    network.setSpec(
        CLIENT
            .getKubernetesSerialization()
            .unmarshal("resourceName: x\nvlan: 5\n", io.sriov.api.SriovNetworkSpec.class));
    return CLIENT.resource(network).create();
  }

  private static void awaitServed(CustomResourceDefinition crd) {
    await()
        .pollInSameThread() // this class is still being initialised
        .atMost(20, SECONDS)
        .until(() ->
            CLIENT.resource(crd).get().getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("Established") && c.getStatus().equals("True")));
  }
}
