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
    lab = Lab.withNodes(2);
  }

  @Test
  void isUpWithAReadyWorker() {
    assertThat(lab.kubectl("get", "nodes", "-l", "node-role.kubernetes.io/worker="))
        .containsPattern(Stack.NODE + " +Ready ");
  }

  @Test
  void startsTwiceWithoutHarm() {
    String before = lab.onNode(Stack.NODE, "cat /proc/sys/kernel/random/boot_id");

    Lab again = Lab.withNodes(2);

    assertThat(again.onNode(Stack.NODE, "cat /proc/sys/kernel/random/boot_id")).isEqualTo(before);
  }

  @Test
  void makesVfsByBareSysfs() {
    try {
      lab.onNode(Stack.NODE, "echo 7 >" + PF + "/sriov_numvfs && udevadm settle");

      assertThat(
              lab.onNode(Stack.NODE, "ls -d " + PF + "/virtfn*/{,virtio*/}net/* 2>/dev/null; true")
                  .lines())
          .hasSize(7);
      assertThat(
              lab.onNode(
                      Stack.NODE, "for v in " + PF + "/virtfn*; do readlink $v/iommu_group; done")
                  .lines())
          .doesNotHaveDuplicates()
          .hasSize(7);
    } finally {
      lab.onNode(Stack.NODE, "echo 0 >" + PF + "/sriov_numvfs");
    }
  }

  @Test
  void runsAPodFromTheToolsImage() {
    try {
      lab.kubectl(
          "run",
          "lab-test",
          "--image=localhost/lab-tools:dev",
          "--overrides={\"spec\":{\"nodeName\":\"" + Stack.NODE + "\"}}",
          "--command",
          "--",
          "sleep",
          "600");
      lab.kubectl("wait", "--for=condition=Ready", "pod/lab-test", Stack.TIMEOUT);

      assertThat(lab.kubectl("exec", "lab-test", "--", "sh", "-c", "ip -o -4 addr show eth0"))
          .contains("inet 10.244." + Stack.NODE.substring("worker".length()) + ".");
    } finally {
      lab.kubectl("delete", "pod", "lab-test", "--now", "--ignore-not-found");
    }
  }

  @Test
  void sharesAFolderWithTheNode() throws IOException {
    Path file = Files.writeString(lab.share(Stack.NODE).resolve("greeting"), "hello");
    try {
      assertThat(lab.onNode(Stack.NODE, "cat /mnt/lab/greeting")).isEqualTo("hello");
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void reportsTheStatusAndErrorOfACommandThatFails() {
    assertThatThrownBy(() -> lab.onNode(Stack.NODE, "echo broken >&2; exit 3"))
        .hasMessageContaining("status 3")
        .hasMessageContaining("broken");
  }

  @Test
  void letsNothingOutOfTheNodeButToTheControlPlane() {
    assertThatThrownBy(() -> lab.onNode(Stack.NODE, "ping -c 1 -W 2 192.0.2.1"))
        .hasMessageContaining("ended with status");
  }
}
