package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.kube.BindAddress;
import io.sriov.kube.SettingException;
import io.sriov.kube.Settings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginSettingsTest {

  @Test
  void hasUpstreamsDefaults() {
    assertThat(settings())
        .isEqualTo(
            new PluginSettings(
                Path.of("/etc/pcidp/config.json"),
                "intel.com",
                false,
                10,
                Optional.empty(),
                BindAddress.OFF));
  }

  @Test
  void readsWhatTheOperatorPasses() {
    assertThat(
            settings(
                "--log-level=10",
                "--resource-prefix=openshift.io",
                "--config-file=/run/sriov/device-plugin/config.json",
                "--use-cdi"))
        .isEqualTo(
            new PluginSettings(
                Path.of("/run/sriov/device-plugin/config.json"),
                "openshift.io",
                true,
                10,
                Optional.empty(),
                BindAddress.OFF));
  }

  @Test
  void readsUpstreamsBinaryFlagsInGosSyntax() {
    var settings =
        settings("-v", "0", "-logtostderr", "-config-file", "/c", "--resource-prefix", "intel.com");
    assertThat(settings.logLevel()).isZero();
    assertThat(settings.verbosity()).isZero();
    assertThat(settings.configFile()).isEqualTo(Path.of("/c"));
  }

  @Test
  void takesEmptyValuesForAbsentOnes() {
    assertThat(settings("--resource-prefix=", "--config-file=", "--log-dir="))
        .isEqualTo(settings());
  }

  @Test
  void putsANamedLogFolderUnderVarLog() {
    assertThat(settings("--log-dir=sriovdp").logFolder()).contains(Path.of("/var/log/sriovdp"));
    assertThat(settings("-log_dir", "/logs", "-alsologtostderr").logFolder())
        .contains(Path.of("/logs"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--unknown",
        "surplus",
        "--log-level=much",
        "--log-level=-1",
        "--use-cdi=maybe",
        "-vmodule=x=1",
        "--stderrthreshold=2",
        "--log_dir=relative",
        "--metrics-bind-address=nonsense"
      })
  void namesTheArgumentItDoesNotUnderstand(String argument) {
    assertThatThrownBy(() -> settings(argument))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(argument.replaceFirst("^-+", "").replaceFirst("=.*", ""));
  }

  private static PluginSettings settings(String... arguments) {
    return PluginSettings.of(Settings.of(Map.of(), arguments));
  }
}
