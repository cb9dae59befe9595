package io.sriov.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.kube.SettingException;
import io.sriov.kube.Settings;
import io.sriov.plan.node.Refusal;
import io.sriov.testkit.Spec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DaemonSettingsTest {

  private static DaemonSettings read(Map<String, String> more, String... arguments) {
    var environment = new HashMap<>(Map.of("NODE_NAME", "worker1", "NAMESPACE", "sriov"));
    environment.putAll(more);
    return DaemonSettings.of(Settings.of(environment, arguments));
  }

  @Test
  void hasTheDefaultsOfThePod() {
    DaemonSettings settings = read(Map.of());
    assertThat(settings.hostRoot()).isEqualTo(Path.of("/host"));
    assertThat(settings.checkpointFolder()).isEqualTo(Path.of("/host/tmp"));
    assertThat(settings.devMode()).isFalse();
    assertThat(settings.refused()).isEmpty();
  }

  @Test
  void prefersTheFlagForTheNodeName() {
    assertThat(read(Map.of(), "--node-name=worker2").nodeName()).isEqualTo("worker2");
  }

  @Test
  void needsToKnowItsNode() {
    assertThatThrownBy(() -> DaemonSettings.of(Settings.of(Map.of("NAMESPACE", "sriov"))))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("NODE_NAME");
  }

  @Test
  void takesOnlyTheExactWordForDevMode() {
    assertThat(read(Map.of("DEV_MODE", "TRUE")).devMode()).isTrue();
    assertThat(read(Map.of("DEV_MODE", "true")).devMode()).isFalse();
  }

  @Test
  @Spec("03:M22")
  void knowsWhichPluginsCanBeDisabled() {
    assertThat(read(Map.of(), "--disable-plugins=mellanox").nodeName()).isEqualTo("worker1");
    for (String wrong : new String[] {"generic", "mellanox,", "mellanox,x"}) {
      assertThatThrownBy(() -> read(Map.of(), "--disable-plugins=" + wrong))
          .isInstanceOf(SettingException.class)
          .hasMessageContaining("--disable-plugins");
    }
  }

  @Test
  void refusesByNameWhatItDoesNotDo() {
    assertThat(read(Map.of(), "--manage-software-bridges", "--parallel-nic-config").refused())
        .extracting(Refusal::message)
        .containsExactly("featureGate manageSoftwareBridges is not supported by this version");
  }

  @Test
  void leavesTheNodeToBootServicesOnlyWhenAsked() {
    assertThat(read(Map.of()).systemd()).isFalse();
    assertThat(read(Map.of(), "--use-systemd-service").systemd()).isTrue();
    assertThat(read(Map.of()).openShift()).isFalse();
    assertThat(read(Map.of("CLUSTER_TYPE", "openshift")).openShift()).isTrue();
  }

  @Test
  void takesOnlyTheExactWordForAnExternalDrainer() {
    assertThat(read(Map.of("USE_EXTERNAL_DRAINER", "true")).externalDrainer()).isTrue();
    assertThat(read(Map.of("USE_EXTERNAL_DRAINER", "True")).externalDrainer()).isFalse();
    assertThat(read(Map.of()).externalDrainer()).isFalse();
  }

  @Test
  void refusesAnUnknownClusterType() {
    assertThatThrownBy(() -> read(Map.of("CLUSTER_TYPE", "swarm")))
        .hasMessageContaining("CLUSTER_TYPE")
        .hasMessageContaining("neither openshift nor kubernetes");
  }

  @Test
  void explainsItsCommands() {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    assertThat(run(out, err, "version")).isZero();
    assertThat(out.toString()).startsWith("SriovNetworkConfigDaemon v");
    assertThat(run(out, err, "strat")).isEqualTo(1);
    assertThat(err.toString()).contains("unknown command: strat", "inventory");
    assertThat(run(out, err)).isEqualTo(1);
  }

  @Test
  @Spec(value = "03:P9", differs = "the plugin needs no init container; the command says so")
  @Spec(value = "03:P10", differs = "the plugin waits for a host file, no annotation is set")
  void sendsAwayWhoeverWaitsForItInAnInitContainer() {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    assertThat(run(out, err, "wait-for-config", "--pod-name=p", "--pod-namespace=n")).isEqualTo(1);
    assertThat(err.toString())
        .contains("/run/sriov/device-plugin/config.json", "remove the init container");
  }

  private static int run(ByteArrayOutputStream out, ByteArrayOutputStream err, String... args) {
    return Main.run(Map.of(), args, new PrintStream(out, true), new PrintStream(err, true));
  }
}
