package io.sriov.kube;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.sriov.lab.ApiServer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutageTest {

  @Test
  void informersCatchUpAfterTheApiServerWasAway() {
    try (var server = ApiServer.start();
        var client = ClusterClient.open(Optional.of(server.kubeconfig()), "kube-tests");
        var informer = client.configMaps().inNamespace("default").inform()) {
      server.interrupt();
      server.resume();
      long resumed = System.nanoTime();
      try (var other = ClusterClient.open(Optional.of(server.kubeconfig()), "other")) {
        other
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace("default")
                    .withName("after-the-outage")
                    .endMetadata()
                    .build())
            .create();
      }
      await()
          .atMost(40, SECONDS)
          .until(() -> informer.getStore().getByKey("default/after-the-outage") != null);
      System.out.printf("caught up after %d ms%n", (System.nanoTime() - resumed) / 1_000_000);
      assertThat(informer.isRunning()).isTrue();
    }
  }

  @Test
  void saysWhichKubeconfigIsMissing() {
    assertThatThrownBy(() -> ClusterClient.open(Optional.of(Path.of("/nonexistent/kc")), "x"))
        .isInstanceOf(SettingException.class)
        .hasMessage("kubeconfig /nonexistent/kc: no such file, or not readable");
  }

  @Test
  void saysWhatToSetOutsideOfAPod() {
    assertThatThrownBy(() -> ClusterClient.open(Optional.empty(), "x"))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("set KUBECONFIG or --kubeconfig");
  }

  @Test
  void saysThatAKubeconfigNamesNoAuthorityWhereNoneIsTrusted() {
    var file = Path.of("/etc/kc");
    var without = new ConfigBuilder(Config.empty()).withMasterUrl("https://api:6443").build();
    assertThatThrownBy(() -> ClusterClient.requireAuthority(file, without, "/dev/null"))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("/etc/kc")
        .hasMessageContaining("add the one that signed the certificate of https://api:6443");

    ClusterClient.requireAuthority(file, without, null);
    ClusterClient.requireAuthority(
        file, new ConfigBuilder(without).withCaCertData("LS0=").build(), "/dev/null");
    ClusterClient.requireAuthority(
        file, new ConfigBuilder(without).withTrustCerts(true).build(), "/dev/null");
    ClusterClient.requireAuthority(
        file, new ConfigBuilder(without).withMasterUrl("http://api:8080").build(), "/dev/null");
  }
}
