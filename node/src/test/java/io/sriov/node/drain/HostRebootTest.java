package io.sriov.node.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostRebootTest {

  @TempDir Path root;

  @Test
  @Spec("03:R23")
  void hasTheHostStopTheKubeletAndReboot() {
    assertThat(HostReboot.command(Path.of("/host")))
        .containsExactly(
            "chroot",
            "/host",
            "systemd-run",
            "--unit",
            "sriov-network-config-daemon-reboot",
            "--description",
            "sriov-network-config-daemon reboot node",
            "--collect",
            "/bin/sh",
            "-c",
            "systemctl stop kubelet.service; reboot");
    assertThat(HostReboot.command(Path.of("/")).getFirst()).isEqualTo("systemd-run");
  }

  @Test
  void saysWhatTheHostSaidWhenItRefuses() {
    // An empty folder has no systemd.
    assertThatThrownBy(() -> new HostReboot(root).trigger())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("systemd-run");
  }
}
