package io.sriov.operator;

import static io.sriov.operator.TestCluster.ONE_PF;
import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.api.Names;
import io.sriov.api.SriovIBNetwork;
import io.sriov.api.SriovNetwork;
import io.sriov.lab.ApiServer;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** From start to exit code: whole processes under the chart's roles. */
class ProcessTest {

  private static final String FOUR_VFS =
      "resourceName: r, nodeSelector: {}, numVfs: 4, nicSelector: {pfNames: [enp1s0]}";

  private static Map<String, String> environment(TestCluster cluster, String pod) {
    Map<String, String> environment = cluster.environment();
    environment.put("KUBECONFIG", cluster.operatorKubeconfig().toString());
    environment.put("POD_NAME", pod);
    return environment;
  }

  @Test
  @Spec("02:1")
  void withoutAPrefixItEndsBeforeAnyCallWithOneLine() throws Exception {
    Map<String, String> environment =
        Map.of("NAMESPACE", "op", "CLUSTER_TYPE", "kubernetes", "KUBECONFIG", "/nonexistent");
    try (OperatorProcess operator = OperatorProcess.start(environment)) {
      assertThat(operator.exitCode()).isEqualTo(1);
      assertThat(operator.log().lines().filter(l -> l.contains("\"level\":\"error\"")))
          .singleElement()
          .asString()
          .contains("environment variable RESOURCE_PREFIX: required, but not set");
    }
  }

  @Test
  @Spec("02:3")
  @Spec("01:155")
  void withoutTheListOfCardsItDoesNotStart() throws Exception {
    try (TestCluster cluster = new TestCluster()) {
      cluster
          .admin
          .configMaps()
          .inNamespace(cluster.namespace)
          .withName(Names.SUPPORTED_NICS_CONFIG_MAP)
          .delete();
      eventually(() -> {
        try (OperatorProcess operator = OperatorProcess.start(environment(cluster, "a"))) {
          assertThat(operator.exitCode()).isEqualTo(1);
          assertThat(operator.log())
              .contains(
                  "ConfigMap " + cluster.namespace + "/supported-nic-ids: not found; the chart");
        }
      });
    }
  }

  @Test
  @Spec("02:8")
  @Spec("02:19")
  void onSigtermItReleasesTheNetworksAndEndsWithZero() throws Exception {
    try (TestCluster cluster = new TestCluster();
        OperatorProcess operator = OperatorProcess.start(environment(cluster, "a"))) {
      cluster.config(cluster.nodeSelector());
      cluster.apply("SriovNetwork", "net1", cluster.namespace, "resourceName: r");
      cluster.apply("SriovIBNetwork", "net2", cluster.namespace, "resourceName: r");
      eventually(() ->
          assertThat(finalizers(cluster))
              .containsExactly(Names.NETWORK_FINALIZER, Names.NETWORK_FINALIZER));
      assertThat(operator.get("/readyz")).isEqualTo("ok\n");
      assertThat(operator.get("/metrics"))
          .contains(
              "controller_runtime_reconcile_total{controller=\"sriovnetwork\",result=\"success\"}");

      operator.terminate();

      assertThat(operator.exitCode()).isZero();
      assertThat(finalizers(cluster)).isEmpty();
      try (OperatorProcess next = OperatorProcess.start(environment(cluster, "b"))) {
        eventually(() -> assertThat(finalizers(cluster)).hasSize(2));
        assertThat(next.get("/healthz")).isEqualTo("ok\n");
      }
    }
  }

  private static List<String> finalizers(TestCluster cluster) {
    SriovNetwork first =
        cluster
            .admin
            .resources(SriovNetwork.class)
            .inNamespace(cluster.namespace)
            .withName("net1")
            .get();
    SriovIBNetwork second =
        cluster
            .admin
            .resources(SriovIBNetwork.class)
            .inNamespace(cluster.namespace)
            .withName("net2")
            .get();
    return Stream.concat(first.getFinalizers().stream(), second.getFinalizers().stream()).toList();
  }

  @Test
  void ofTwoOneLeadsAndTheOtherTakesOverWhenItIsStopped() throws Exception {
    try (TestCluster cluster = new TestCluster();
        OperatorProcess first = OperatorProcess.start(environment(cluster, "first"))) {
      cluster.config(cluster.nodeSelector());
      cluster.node(1);
      eventually(() -> assertThat(cluster.state(1)).isNotNull());
      try (OperatorProcess second = OperatorProcess.start(environment(cluster, "second"))) {
        eventually(() -> assertThat(second.get("/readyz")).isEqualTo("ok\n"));
        assertThat(second.get("/metrics")).doesNotContain("controller_runtime_reconcile_total{");

        first.terminate();
        assertThat(first.exitCode()).isZero();
        cluster.node(2);

        eventually(() -> assertThat(cluster.state(2)).isNotNull());
        assertThat(second.log()).contains("Leading");
      }
    }
  }

  @Test
  void anOutageOfTheApiServerIsSurvivedAndCaughtUpWith() throws Exception {
    try (ApiServer own = ApiServer.start();
        TestCluster cluster = new TestCluster(own)) {
      cluster.operator();
      cluster.config(cluster.nodeSelector());
      cluster.node(1);
      cluster.report(1, ONE_PF);
      cluster.policy("p", FOUR_VFS);
      eventually(() -> assertThat(cluster.label(1)).contains("Enabled"));

      own.interrupt();
      // Long enough for every watch to have noticed and failed to reconnect.
      eventually(() -> assertThat(answers(cluster)).isFalse());
      await().pollDelay(Duration.ofSeconds(4)).until(() -> !answers(cluster));
      own.resume();

      cluster.policy("p", FOUR_VFS.replace("numVfs: 4", "numVfs: 3"));
      cluster.node(2);
      eventually(() -> {
        assertThat(cluster.state(1).getSpec().interfaces())
            .singleElement()
            .returns(3, pf -> pf.numVfs());
        assertThat(cluster.state(2)).isNotNull();
      });
    }
  }

  @Test
  void anApiServerThatIsAwayAtTheStartIsWaitedFor() throws Exception {
    try (ApiServer own = ApiServer.start();
        TestCluster cluster = new TestCluster(own)) {
      cluster.config(cluster.nodeSelector());
      cluster.node(1);
      Map<String, String> environment = environment(cluster, "a");
      own.interrupt();

      try (OperatorProcess operator = OperatorProcess.start(environment)) {
        await()
            .atMost(Duration.ofSeconds(40))
            .until(() -> operator.log().contains("cannot be read, trying again"));
        own.resume();

        eventually(() -> assertThat(cluster.state(1)).isNotNull());
        assertThat(operator.get("/healthz")).isEqualTo("ok\n");
      }
    }
  }

  /** SIGKILL in the middle of a drain that a budget blocks; the next one has to await the lease. */
  @Test
  void anOperatorThatIsKilledWhileItDrainsIsFollowedByAnother() throws Exception {
    try (TestCluster cluster = new TestCluster();
        OperatorProcess first = OperatorProcess.start(environment(cluster, "first"))) {
      DrainFixture drains = new DrainFixture(cluster);
      cluster.config(cluster.nodeSelector());
      drains.nodes(1, 2);
      drains.vfPod(1, "web-0");
      drains.budget("web");
      drains.drain(1);
      drains.becomes(1, Names.DRAINING);
      eventually(() -> assertThat(drains.cordoned(1)).isTrue());

      first.kill();
      drains.drain(2);
      drains.allow("web", 1);

      try (OperatorProcess second = OperatorProcess.start(environment(cluster, "second"))) {
        await().atMost(Duration.ofSeconds(60)).until(() -> second.log().contains("Leading"));
        drains.drained(1);
        assertThat(drains.current(2)).isEqualTo(Names.IDLE);
        drains.done(1);
        drains.back(1);
        drains.drained(2);
      }
      drains.sweep();
    }
  }

  private static boolean answers(TestCluster cluster) {
    try (var probe = new Socket()) {
      var url = URI.create(cluster.admin.getConfiguration().getMasterUrl());
      probe.connect(new InetSocketAddress(url.getHost(), url.getPort()), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
