package io.sriov.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.kube.Settings;
import io.sriov.plan.node.Refusal;
import io.sriov.testkit.Spec;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SoftwareBridgesTest {

  private static final String WHY = "bridges are not managed by this version, and it says so";

  @Test
  @Spec(value = "03:D26", differs = WHY)
  @Spec(value = "03:D27", differs = WHY)
  void areRefusedByName() {
    var settings =
        DaemonSettings.of(
            Settings.of(
                Map.of("NODE_NAME", "worker1", "NAMESPACE", "sriov"), "--manage-software-bridges"));
    assertThat(settings.refused())
        .extracting(Refusal::message)
        .containsExactly("featureGate manageSoftwareBridges is not supported by this version");
  }
}
