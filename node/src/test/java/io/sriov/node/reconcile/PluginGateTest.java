package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.sriov.api.Names;
import io.sriov.lab.ApiServer;
import io.sriov.linux.Errno;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.testkit.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the device plugin gets its configuration; its pods are left alone. */
class PluginGateTest {

  private static final String PF = "0000:04:00.0";
  private static final String OTHER = "0000:05:00.0";
  private static final String FIRST =
      "{\"resourceName\":\"a\",\"selectors\":{\"pfNames\":[\"p000004000\"]}}";
  private static final String SECOND =
      "{\"resourceName\":\"b\",\"selectors\":{\"pfNames\":[\"p000005000\"]}}";
  private static final String BOTH = "{\"resourceList\":[" + FIRST + "," + SECOND + "]}";
  private static final String ONLY_SECOND = "{\"resourceList\":[" + SECOND + "]}";

  @TempDir Path folder;
  private final Cluster cluster = new Cluster(ApiServer.shared());
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);
  private RunningDaemon daemon;

  @BeforeEach
  void pfs() {
    host.addPf(PF);
    host.addPf(OTHER);
    cluster.pluginConfig(Map.of(Cluster.NODE, BOTH));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (daemon != null) {
      daemon.close();
    }
    cluster.client.close();
  }

  private void start() {
    daemon =
        new RunningDaemon(
            ApiServer.shared(), cluster.namespace, kernel, new SimulatedKubelet(), folder);
  }

  private Path file() {
    return folder.resolve("device-plugin/config.json");
  }

  private void awaitFile(String content) {
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() -> assertThat(file()).content().isEqualTo(content));
  }

  private static final String TWO_PFS =
      "{pciAddress: '%s', numVfs: 2, vfGroups: [{vfRange: 0-1}]}, {pciAddress: '%s', numVfs: 1, vfGroups: [{vfRange: 0-0}]}"
          .formatted(PF, OTHER);

  private Pod plugin(String name, List<String> finalizers) {
    return cluster
        .client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withNamespace(cluster.namespace)
                .withName(name)
                .withFinalizers(finalizers)
                .addToLabels("app", Names.DEVICE_PLUGIN)
                .addToAnnotations(Names.DEVICE_PLUGIN_WAIT_CONFIG, "true")
                .endMetadata()
                .withNewSpec()
                .withNodeName(Cluster.NODE)
                .addNewContainer()
                .withName("plugin")
                .withImage("none")
                .endContainer()
                .endSpec()
                .build())
        .create();
  }

  @Test
  @Spec(value = "03:P1", differs = "the plugin follows a host file; no pod is restarted for it")
  @Spec(value = "03:P3", differs = "no pod is waited for")
  void letsThePluginGoAsSoonAsTheVfsAreConfigured() {
    kernel.before("numvfs " + OTHER + " 1", () -> assertThat(file()).doesNotExist());
    start();
    cluster.want(TWO_PFS);
    cluster.awaitStatus("Succeeded");
    awaitFile(BOTH);
  }

  @Test
  @Spec(value = "03:P2", differs = "there are no pods to be deleted")
  void keepsThePluginWaitingOnANodeThatOffersNothing() {
    cluster.pluginConfig(Map.of("other", BOTH));
    start();
    cluster.want("");
    cluster.awaitStatus("Succeeded");
    assertThat(file()).doesNotExist();
  }

  @Test
  @Spec(value = "03:P4", differs = "a plugin that starts anew finds the file, without a pass")
  void leavesTheFileForAPluginThatStartsAnew() throws Exception {
    start();
    cluster.want(TWO_PFS);
    awaitFile(BOTH);
    daemon.close();
    assertThat(file()).content().isEqualTo(BOTH);
  }

  @Test
  @Spec(value = "03:P5", differs = "the plugin is let go at once; no pod is deleted")
  void letsThePluginGoAtOnceWhereTheGateIsOff() {
    cluster.operatorConfig("featureGates:\n  blockDevicePluginUntilConfigured: false");
    kernel.fail("numvfs " + PF + " 2", Errno.ENOSPC);
    start();
    cluster.want(TWO_PFS);
    cluster.awaitStatus("Failed");
    awaitFile(BOTH);
  }

  @Test
  void offersOtherPfsWhileOneFails() {
    kernel.fail("numvfs " + PF + " 2", Errno.ENOSPC);
    start();
    cluster.want(TWO_PFS);
    cluster.awaitStatus("Failed");
    awaitFile(ONLY_SECOND);
    kernel.heal();
    cluster.awaitStatus("Succeeded");
    awaitFile(BOTH);
  }

  @Test
  void followsTheGateAtRunTime() {
    kernel.fail("numvfs " + PF + " 2", Errno.ENOSPC);
    start();
    cluster.want(TWO_PFS);
    awaitFile(ONLY_SECOND);
    cluster.operatorConfig("featureGates:\n  blockDevicePluginUntilConfigured: false");
    awaitFile(BOTH);
  }

  @Test
  @Spec("03:R30")
  void aGateThatIsNotNamedAnyMoreIsAsByDefault() {
    cluster.pluginConfig(Map.of(Cluster.NODE, ONLY_SECOND));
    cluster.operatorConfig("featureGates:\n  blockDevicePluginUntilConfigured: false");
    kernel.fail("numvfs " + PF + " 2", Errno.ENOSPC);
    start();
    cluster.want(TWO_PFS);
    awaitFile(ONLY_SECOND);

    cluster.operatorConfig("featureGates:\n  parallelNicConfig: true");
    await()
        .atMost(60, SECONDS)
        .until(() ->
            !daemon
                .view()
                .operatorConfig()
                .featureGates()
                .containsKey("blockDevicePluginUntilConfigured"));
    cluster.pluginConfig(Map.of(Cluster.NODE, BOTH));

    await()
        .during(3, SECONDS)
        .atMost(30, SECONDS)
        .untilAsserted(() -> assertThat(file()).content().isEqualTo(ONLY_SECOND));
    kernel.heal();
    awaitFile(BOTH);
  }

  @Test
  @Spec(value = "03:P6", differs = "no pod is restarted")
  @Spec(value = "03:P7", differs = "no pod is waited for: the host is configured all the same")
  @Spec(value = "03:P8", differs = "no pod is restarted, whoever owns it, and no annotation read")
  void neverTouchesThePluginsPods() {
    Pod own = plugin("own", List.of());
    Pod stuck = plugin("stuck", List.of("example.com/never"));
    cluster.client.resource(stuck).delete();
    String uid = stuck.getMetadata().getUid();
    start();
    cluster.want(TWO_PFS);
    cluster.awaitStatus("Succeeded");
    awaitFile(BOTH);
    assertThat(cluster.client.resource(own).get().getMetadata().getResourceVersion())
        .isEqualTo(own.getMetadata().getResourceVersion());
    assertThat(cluster.client.resource(stuck).get().getMetadata().getUid()).isEqualTo(uid);
  }
}
