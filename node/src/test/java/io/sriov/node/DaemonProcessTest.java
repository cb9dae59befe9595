package io.sriov.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.sriov.lab.ApiServer;
import io.sriov.node.reconcile.Cluster;
import io.sriov.testkit.Spec;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process as it is shipped, under the roles of the chart, on the cards of this machine. It is
 * never asked to change one.
 */
class DaemonProcessTest {

  private static final String ACCOUNT = "sriov-network-config-daemon";

  @TempDir Path folder;
  private final Cluster cluster = new Cluster(ApiServer.shared());
  private int port;
  private Process process;

  @BeforeEach
  void roles() throws IOException {
    cluster
        .client
        .resource(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(ACCOUNT)
                .withNamespace(cluster.namespace)
                .endMetadata()
                .build())
        .create();
    Path template =
        Path.of(System.getProperty("sriov.root"), "chart/templates/config-daemon-rbac.yaml");
    String roles =
        Files.readAllLines(template).stream()
            .filter(line -> !line.contains("include") && !line.strip().equals("labels:"))
            .map(line -> line.replace("{{ .Release.Namespace }}", cluster.namespace))
            .collect(Collectors.joining("\n"));
    cluster
        .client
        .load(new ByteArrayInputStream(roles.getBytes(StandardCharsets.UTF_8)))
        .items()
        // The cluster's roles are there from the test before, for its namespace.
        .forEach(role ->
            cluster.client.resource(role).fieldManager("tests").forceConflicts().serverSideApply());
  }

  @AfterEach
  void stop() {
    if (process != null) {
      process.destroyForcibly();
    }
    cluster.client.close();
  }

  private void start() throws IOException {
    Files.createDirectories(folder.resolve("host/etc/udev"));
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    var builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.sriov.node.Main",
                "start",
                "--health-probe-bind-address=127.0.0.1:" + port,
                "--metrics-bind-address=127.0.0.1:" + port));
    String token = ApiServer.shared().tokenFor(cluster.namespace, ACCOUNT);
    builder
        .environment()
        .putAll(
            Map.of(
                "NODE_NAME", Cluster.NODE,
                "NAMESPACE", cluster.namespace,
                "KUBECONFIG", ApiServer.shared().kubeconfig(token).toString(),
                "CLUSTER_TYPE", "kubernetes",
                "DEV_MODE", "TRUE",
                "HOST_ROOT", folder.resolve("host").toString(),
                "DEST_DIR", folder.resolve("host/tmp").toString(),
                "CNI_SOCKET", folder.resolve("cni.sock").toString(),
                "DEVICE_PLUGIN_CONFIG", folder.resolve("plugin.json").toString(),
                "KUBELET_DIR", folder.toString()));
    process =
        builder.redirectErrorStream(true).redirectOutput(new File(folder.toFile(), "log")).start();
  }

  private int terminate() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(30, SECONDS)).isTrue();
    return process.exitValue();
  }

  private String get(String path) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  /** Under the chart's role, which lets it list no pods. */
  @Test
  @Spec(value = "03:P11", differs = "pods are not listed, so there is nothing that could fail")
  void reportsTheNodeServesCniAndEndsInOrder() throws Exception {
    cluster.pluginConfig(Map.of(Cluster.NODE, "{\"resourceList\":[]}"));
    cluster.want("");
    start();
    cluster.awaitStatus("Succeeded");
    await().atMost(10, SECONDS).until(() -> Files.exists(folder.resolve("plugin.json")));
    assertThat(cluster.state().getStatus().interfaces()).isNotNull();
    assertThat(folder.resolve("cni.sock")).exists();
    assertThat(folder.resolve("host/etc/udev/disable-nm-sriov.sh")).isExecutable();
    assertThat(folder.resolve("host/tmp/sno-initial-node-state.json")).exists();
    assertThat(get("/readyz")).isEqualTo("ok\n");
    assertThat(get("/metrics")).contains("sriov_config_daemon_in_sync 1.0");
    assertThat(Files.readString(folder.resolve("log"))).doesNotContain("orbidden");

    assertThat(terminate()).isZero();
    assertThat(folder.resolve("host/etc/sriov-operator/uninstalled")).doesNotExist();
  }

  @Test
  void tellsAboutAMisspeltKeyOfANetwork() throws Exception {
    cluster.want("");
    start();
    cluster.awaitStatus("Succeeded");

    assertThat(attach("{'cniVersion':'1.0.0','name':'n1','type':'sriov','max-tx-rate':100}"))
        .contains("host's network namespace");

    await()
        .atMost(10, SECONDS)
        .untilAsserted(() ->
            assertThat(cluster.events("MisspeltKey"))
                .containsExactly(
                    "network n1, attached to pod default/p1: \"max-tx-rate\" has no effect: did"
                        + " you mean max_tx_rate?"));
    assertThat(get("/metrics"))
        .contains("sriov_config_daemon_cni_misspelt_keys_total{key=\"max_tx_rate\"} 1.0");
    assertThat(Files.readString(folder.resolve("log"))).contains("did you mean max_tx_rate?");
  }

  /** What an ADD prints. */
  private String attach(String network) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("sriov.root"), "cni/target/shim/sriov").toString());
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "CNI_COMMAND", "ADD",
                "CNI_CONTAINERID", "c1",
                "CNI_NETNS", "/proc/self/ns/net",
                "CNI_IFNAME", "net1",
                "CNI_PATH", "/opt/cni/bin",
                "CNI_ARGS", "IgnoreUnknown=true;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p1",
                "SRIOV_CNI_SOCKET", folder.resolve("cni.sock").toString()));
    Process forwarder = builder.start();
    try (var stdin = forwarder.getOutputStream()) {
      stdin.write(network.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
    return new String(forwarder.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void tellsTheCniForwarderWhenNoDaemonWillFollow() throws Exception {
    cluster.want("");
    start();
    cluster.awaitStatus("Succeeded");
    cluster.client.resource(cluster.state()).delete();
    await()
        .atMost(10, SECONDS)
        .until(() -> Files.readString(folder.resolve("log")).contains("NodeState is gone"));
    assertThat(terminate()).isZero();
    assertThat(folder.resolve("host/etc/sriov-operator/uninstalled")).exists();
  }
}
