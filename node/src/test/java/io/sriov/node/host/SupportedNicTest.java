package io.sriov.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SupportedNicTest {

  @Test
  void readsModelsAsTheyStandInTheConfigMap() {
    assertThat(SupportedNic.parse(Map.of("Intel_ixgbe_82576", "8086 10c9 10ca")))
        .containsExactly(new SupportedNic("8086", "10c9", "10ca"));
  }

  @Test
  void namesTheKeyOfAMalformedModel() {
    assertThatThrownBy(() -> SupportedNic.parse(Map.of("Mine", "8086 10c9")))
        .hasMessage("key Mine: \"8086 10c9\" is not of the form <vendor> <pf> <vf> in hex");
  }
}
