package io.sriov.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@InLab
class LabTest {

  private static final String PF = "/sys/bus/pci/devices/0000:01:00.0";

  private static Lab lab;

  @BeforeAll
  static void up() {
    lab = Lab.withNodes(1);
  }

  @Test
  void isUpWithAReadyWorker() {
    assertThat(lab.kubectl("get", "nodes", "-l", "node-role.kubernetes.io/worker="))
        .containsPattern("worker1 +Ready ");
  }

  @Test
  void startsTwiceWithoutHarm() {
    String before = lab.onNode("worker1", "cat /proc/sys/kernel/random/boot_id");

    Lab again = Lab.withNodes(1);

    assertThat(again.onNode("worker1", "cat /proc/sys/kernel/random/boot_id")).isEqualTo(before);
  }

  @Test
  void makesVfsByBareSysfs() {
    try {
      lab.onNode("worker1", "echo 7 >" + PF + "/sriov_numvfs && udevadm settle");

      assertThat(
              lab.onNode("worker1", "ls -d " + PF + "/virtfn*/{,virtio*/}net/* 2>/dev/null; true")
                  .lines())
          .hasSize(7);
      assertThat(
              lab.onNode("worker1", "for v in " + PF + "/virtfn*; do readlink $v/iommu_group; done")
                  .lines())
          .doesNotHaveDuplicates()
          .hasSize(7);
    } finally {
      lab.onNode("worker1", "echo 0 >" + PF + "/sriov_numvfs");
    }
  }

  @Test
  void runsAPodFromTheToolsImage() {
    try {
      lab.kubectl(
          "run", "lab-test", "--image=localhost/lab-tools:dev", "--command", "--", "sleep", "600");
      lab.kubectl("wait", "--for=condition=Ready", "pod/lab-test", "--timeout=60s");

      assertThat(lab.kubectl("exec", "lab-test", "--", "sh", "-c", "ip -o -4 addr show eth0"))
          .containsPattern("inet 10\\.244\\.[12]\\.");
    } finally {
      lab.kubectl("delete", "pod", "lab-test", "--now", "--ignore-not-found");
    }
  }

  @Test
  void sharesAFolderWithTheNode() throws IOException {
    Path file = Files.writeString(lab.share("worker1").resolve("greeting"), "hello");
    try {
      assertThat(lab.onNode("worker1", "cat /mnt/lab/greeting")).isEqualTo("hello");
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void reportsTheStatusAndErrorOfACommandThatFails() {
    assertThatThrownBy(() -> lab.onNode("worker1", "echo broken >&2; exit 3"))
        .hasMessageContaining("status 3")
        .hasMessageContaining("broken");
  }

  @Test
  void letsNothingOutOfTheNodeButToTheControlPlane() {
    assertThatThrownBy(() -> lab.onNode("worker1", "ping -c 1 -W 2 192.0.2.1"))
        .hasMessageContaining("ended with status");
  }
}
