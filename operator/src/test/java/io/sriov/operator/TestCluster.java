package io.sriov.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.kube.ClusterClient;
import io.sriov.kube.Events;
import io.sriov.lab.ApiServer;
import io.sriov.operator.cluster.Cluster;
import io.sriov.plan.deviceplugin.SupportedNics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;

/**
 * A namespace of its own on a real API server, with the chart's roles in it, and an operator that
 * has no other rights than these. Nodes are named after the namespace, so that tests do not meet.
 */
final class TestCluster implements AutoCloseable {

  private static final AtomicInteger COUNTER = new AtomicInteger();

  final String namespace;
  final KubernetesClient admin;
  private final ApiServer server;
  private PrometheusRegistry registry = new PrometheusRegistry();
  private final List<AutoCloseable> parts = new ArrayList<>();

  TestCluster() {
    this(ApiServer.shared());
  }

  TestCluster(ApiServer server) {
    this.server = server;
    namespace = "op" + COUNTER.incrementAndGet() + "-sriov-network-operator";
    admin = client(server.adminToken(), "kubectl");
    installCrds();
    create(new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build());
    Chart.render(namespace, namespace).stream()
        .filter(manifest -> !(manifest instanceof Job))
        .forEach(manifest ->
            admin
                .resource(manifest)
                .patch(
                    new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("helm")
                        .withForce(true)
                        .build()));
  }

  private void installCrds() {
    try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("crds"))) {
      for (Path file : files.toList()) {
        admin.load(Files.newInputStream(file)).serverSideApply();
      }
      admin
          .load(
              Files.newInputStream(
                  Chart.FOLDER.resolve("files/network-attachment-definition-crd.yaml")))
          .serverSideApply();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .untilAsserted(() -> {
          admin.resources(SriovNetworkNodePolicy.class).inAnyNamespace().list();
          admin.resources(SriovOperatorConfig.class).inAnyNamespace().list();
          admin.resources(SriovNetworkNodeState.class).inAnyNamespace().list();
          admin.resources(io.sriov.api.OVSNetwork.class).inAnyNamespace().list();
          admin.resources(io.sriov.api.NetworkAttachmentDefinition.class).inAnyNamespace().list();
        });
  }

  /**
   * @param process name by which the API server knows who wrote a field
   */
  KubernetesClient client(String token, String process) {
    return ClusterClient.open(Config.fromKubeconfig(server.kubeconfig(token).toFile()), process);
  }

  /** An administrator whose writes look like the Go operator's. */
  KubernetesClient goOperator() {
    return client(server.adminToken(), Names.OPERATOR);
  }

  /** Token of the operator's own account. */
  String operatorToken() {
    return server.tokenFor(namespace, namespace);
  }

  Path operatorKubeconfig() {
    return server.kubeconfig(operatorToken());
  }

  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("NAMESPACE", namespace);
    environment.put("CLUSTER_TYPE", "kubernetes");
    environment.put("RESOURCE_PREFIX", "openshift.io");
    environment.put("SRIOV_NETWORK_CONFIG_DAEMON_IMAGE", "localhost/node:1");
    environment.put("SRIOV_CNI_IMAGE", "localhost/node:1");
    environment.put("SRIOV_DEVICE_PLUGIN_IMAGE", "localhost/node:1");
    return environment;
  }

  /** Starts an operator under the chart's roles; {@code environment} pairs override the usual. */
  Operator operator(String... environment) {
    Map<String, String> merged = environment();
    for (int i = 0; i < environment.length; i += 2) {
      merged.put(environment[i], environment[i + 1]);
    }
    OperatorSettings settings = OperatorSettings.read(merged);
    registry = new PrometheusRegistry();
    KubernetesClient client = client(operatorToken(), Names.OPERATOR);
    Clock clock = Clock.systemUTC();
    Cluster cluster = new Cluster(client, namespace);
    Events events = new Events(client, clock, Names.OPERATOR, "test");
    Operator operator =
        new Operator(
            client,
            cluster,
            settings,
            SupportedNics.parse(Map.of("Intel_igb", "8086 10c9 10ca")),
            events,
            registry,
            clock);
    // The authorizer learns of new bindings through a watch of its own.
    await().atMost(Duration.ofSeconds(20)).until(() -> mayListNodes(client));
    try {
      operator.start();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    parts.addAll(List.of(client, events, cluster, operator));
    return operator;
  }

  /** A counter or gauge of the operator that was started last; 0 if it has no such series. */
  double metric(String name, String... labels) {
    Labels series = Labels.of(labels);
    return registry.scrape(name::equals).stream()
        .flatMap(snapshot -> snapshot.getDataPoints().stream())
        .filter(point -> point.getLabels().equals(series))
        .mapToDouble(point ->
            switch (point) {
              case CounterDataPointSnapshot counter -> counter.getValue();
              case GaugeDataPointSnapshot gauge -> gauge.getValue();
              default -> throw new IllegalArgumentException(name);
            })
        .sum();
  }

  private boolean mayListNodes(KubernetesClient client) {
    try {
      client.nodes().list();
      client.resources(SriovNetworkNodeState.class).inNamespace(namespace).list();
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Creates SriovOperatorConfig {@code default}; {@code spec} in flow style. */
  void config(String spec) {
    apply("SriovOperatorConfig", Names.DEFAULT, namespace, spec);
  }

  /** This test's nodes only: every node has its label. */
  String nodeSelector() {
    return "configDaemonNodeSelector: {test: " + namespace + "}";
  }

  String nodeName(int number) {
    return namespace + "-worker" + number;
  }

  Node node(int number) {
    return node(nodeName(number), Map.of("test", namespace));
  }

  Node node(String name, Map<String, String> labels) {
    return (Node)
        create(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .addToLabels("kubernetes.io/hostname", name)
                .endMetadata()
                .build());
  }

  GenericKubernetesResource policy(String name, String spec) {
    return apply("SriovNetworkNodePolicy", name, namespace, spec);
  }

  /** Creates or changes an object as kubectl does: empty and zero values are sent as given. */
  GenericKubernetesResource apply(String kind, String name, String in, String spec) {
    GenericKubernetesResource object =
        Serialization.unmarshal(
            """
            ---
            apiVersion: sriovnetwork.openshift.io/v1
            kind: %s
            metadata: {name: %s, namespace: %s}
            spec: {%s}
            """
                .formatted(kind, name, in, spec),
            GenericKubernetesResource.class);
    return admin.resource(object).serverSideApply();
  }

  HasMetadata create(HasMetadata object) {
    return admin.resource(object).create();
  }

  /** What a config daemon on the node would report. */
  void report(int number, String interfaces) {
    eventually(() ->
        admin
            .resources(SriovNetworkNodeState.class)
            .inNamespace(namespace)
            .withName(nodeName(number))
            .subresource("status")
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(
                    Map.of("status", Serialization.unmarshal("---\n" + interfaces, Map.class)))));
  }

  /** One igb card. */
  static final String ONE_PF =
      """
      interfaces:
      - {name: enp1s0, pciAddress: "0000:01:00.0", vendor: "8086", deviceID: 10c9, totalvfs: 7}
      """;

  SriovNetworkNodeState state(int number) {
    return admin
        .resources(SriovNetworkNodeState.class)
        .inNamespace(namespace)
        .withName(nodeName(number))
        .get();
  }

  Optional<String> label(int number) {
    return Optional.ofNullable(
        admin
            .nodes()
            .withName(nodeName(number))
            .get()
            .getMetadata()
            .getLabels()
            .get(Names.DEVICE_PLUGIN_LABEL));
  }

  Map<String, String> pluginConfig() {
    return admin
        .configMaps()
        .inNamespace(namespace)
        .withName(Names.DEVICE_PLUGIN_CONFIG_MAP)
        .get()
        .getData();
  }

  static void eventually(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .untilAsserted(assertion);
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
    admin.nodes().withLabel("test", namespace).delete();
    admin.close();
  }
}
