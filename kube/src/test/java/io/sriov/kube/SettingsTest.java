package io.sriov.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

  private enum Cluster {
    KUBERNETES,
    OPENSHIFT
  }

  @Test
  void namesTheVariableThatIsMissing() {
    assertThatThrownBy(() -> env("OTHER", "x").env("NAMESPACE").required())
        .isInstanceOf(SettingException.class)
        .hasMessage("environment variable NAMESPACE: required, but not set");
  }

  @Test
  void takesAnEmptyVariableAsAbsent() {
    assertThat(env("OVS_CNI_IMAGE", "").env("OVS_CNI_IMAGE").text()).isEmpty();
  }

  @Test
  void listsTheAllowedValuesOfAnEnum() {
    assertThat(env("CLUSTER_TYPE", "openshift").env("CLUSTER_TYPE").oneOf(Cluster.class))
        .contains(Cluster.OPENSHIFT);
    assertThatThrownBy(() -> env("CLUSTER_TYPE", "foo").env("CLUSTER_TYPE").oneOf(Cluster.class))
        .hasMessage(
            "environment variable CLUSTER_TYPE: \"foo\" is not one of kubernetes, openshift");
  }

  @Test
  void comparesExactlyWhereUpstreamDoes() {
    var settings = env("DEV_MODE", "true");
    assertThat(settings.env("DEV_MODE").is("TRUE")).isFalse();
    assertThat(settings.env("DEV_MODE").isIgnoringCase("TRUE")).isTrue();
  }

  @Test
  void refusesNumbersOutsideTheirRange() {
    assertThat(env("DELAY", "0").env("DELAY").integer(0, 60)).contains(0);
    for (var wrong : new String[] {"-1", "61", "1.5", "ten", "99999999999"}) {
      assertThatThrownBy(() -> env("DELAY", wrong).env("DELAY").integer(0, 60))
          .hasMessage(
              "environment variable DELAY: \"%s\" is not a whole number from 0 to 60", wrong);
    }
  }

  @Test
  void readsFlagsAsGoDoes() {
    for (var form :
        new String[][] {
          {"--config-file", "/a"}, {"-config-file", "/a"}, {"--config-file=/a"}, {"-config-file=/a"}
        }) {
      var settings = Settings.of(Map.of(), form);
      assertThat(settings.flag("config-file").text()).contains("/a");
      settings.refuseRest();
    }
  }

  @Test
  void readsSwitchesWithAndWithoutValue() {
    assertThat(Settings.of(Map.of(), "--use-cdi").onOff("use-cdi")).isTrue();
    assertThat(Settings.of(Map.of(), "--use-cdi=false").onOff("use-cdi")).isFalse();
    assertThat(Settings.of(Map.of()).onOff("use-cdi")).isFalse();
    assertThatThrownBy(() -> Settings.of(Map.of(), "--use-cdi=maybe").onOff("use-cdi"))
        .hasMessage("flag --use-cdi: \"maybe\" is not true or false");
  }

  @Test
  void prefersTheFlagToTheVariable() {
    var settings = Settings.of(Map.of("NODE_NAME", "a"), "--node-name=b");
    assertThat(settings.flagOrEnv("node-name", "NODE_NAME").required()).isEqualTo("b");
  }

  @Test
  void refusesWhatNobodyAskedFor() {
    var settings = Settings.of(Map.of(), "--resource-prefix=x", "--resource-prefx=y");
    assertThat(settings.flag("resource-prefix").text()).contains("x");
    assertThatThrownBy(settings::refuseRest)
        .hasMessage("--resource-prefx=y: unknown argument; see --help");
  }

  @Test
  void refusesAFlagWithoutItsValue() {
    assertThatThrownBy(() -> Settings.of(Map.of(), "--config-file").flag("config-file"))
        .hasMessage("flag --config-file: needs a value");
  }

  @Test
  void readsBindAddressesAsGoWritesThem() {
    assertThat(BindAddress.parse("0")).isEqualTo(BindAddress.OFF);
    assertThat(BindAddress.parse(":8081")).isEqualTo(new BindAddress("", 8081));
    assertThat(BindAddress.parse("127.0.0.1:1")).isEqualTo(new BindAddress("127.0.0.1", 1));
    assertThat(BindAddress.parse("[::1]:1")).isEqualTo(new BindAddress("::1", 1));
    for (var wrong : new String[] {"", "8081", ":", ":x", ":65536", ":-1"}) {
      assertThatThrownBy(() -> Settings.of(Map.of(), "--a", wrong).flag("a").as(BindAddress::parse))
          .isInstanceOf(SettingException.class)
          .hasMessageStartingWith("flag --a: \"" + wrong + "\" is neither host:port");
    }
  }

  private static Settings env(String name, String value) {
    return Settings.of(Map.of(name, value));
  }
}
