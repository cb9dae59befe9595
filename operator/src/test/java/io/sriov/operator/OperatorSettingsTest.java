package io.sriov.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.kube.BindAddress;
import io.sriov.kube.SettingException;
import io.sriov.testkit.Spec;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorSettingsTest {

  private final Map<String, String> environment =
      new HashMap<>(
          Map.of(
              "NAMESPACE", "op",
              "CLUSTER_TYPE", "kubernetes",
              "RESOURCE_PREFIX", "openshift.io",
              "SRIOV_NETWORK_CONFIG_DAEMON_IMAGE", "node",
              "SRIOV_CNI_IMAGE", "node",
              "SRIOV_DEVICE_PLUGIN_IMAGE", "node"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NAMESPACE",
        "RESOURCE_PREFIX",
        "SRIOV_NETWORK_CONFIG_DAEMON_IMAGE",
        "SRIOV_CNI_IMAGE",
        "SRIOV_DEVICE_PLUGIN_IMAGE"
      })
  void namesWhatIsMissing(String name) {
    environment.put(name, "");

    assertThatThrownBy(() -> OperatorSettings.read(environment))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "foo"})
  @Spec("02:2")
  void anUnknownClusterTypeIsNoStart(String type) {
    environment.put("CLUSTER_TYPE", type);

    assertThatThrownBy(() -> OperatorSettings.read(environment))
        .hasMessageContaining("CLUSTER_TYPE")
        .hasMessageContaining("unknown cluster type");
  }

  @Test
  void openshiftIsRefusedByName() {
    environment.put("CLUSTER_TYPE", "openshift");

    assertThatThrownBy(() -> OperatorSettings.read(environment))
        .hasMessageContaining("openshift is not supported by this version");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "unset",
      value = {"unset, 30", "'', 30", "-20, 30", "abc, 30", "60, 60", "0, 0"})
  @Spec("01:111")
  @Spec("02:63")
  @Spec("02:64")
  @Spec("02:65")
  void statesOfNodesThatWentAreKeptHalfAnHourUnlessANumberSaysOtherwise(
      String minutes, int expected) {
    if (minutes != null) {
      environment.put("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", minutes);
    }

    assertThat(OperatorSettings.read(environment).nodes().staleStateDelay()).hasMinutes(expected);
  }

  @Test
  void healthAnswersOn8081AndMetricsAreOff() {
    OperatorSettings settings = OperatorSettings.read(environment);

    assertThat(settings.health()).isEqualTo(new BindAddress("", 8081));
    assertThat(settings.metrics()).isEqualTo(BindAddress.OFF);
  }

  @Test
  void anUnknownArgumentIsNamed() {
    assertThatThrownBy(() -> OperatorSettings.read(environment, "--metrics-bind-adress=:1"))
        .hasMessageContaining("--metrics-bind-adress");
  }
}
