package io.sriov.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LabEnvironmentTest {

  @Test
  void readsWhatTheScriptPrints() {
    assertThat(
            Lab.parse(
                "export KUBECONFIG=/state/admin.kubeconfig\nexport SRIOV_LAB_NODES='worker1 worker2'\n"))
        .containsEntry("KUBECONFIG", "/state/admin.kubeconfig")
        .containsEntry("SRIOV_LAB_NODES", "worker1 worker2");
  }
}
