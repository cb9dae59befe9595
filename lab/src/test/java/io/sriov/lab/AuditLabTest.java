package io.sriov.lab;

import static io.sriov.lab.Manifests.network;
import static io.sriov.lab.Manifests.pod;
import static io.sriov.lab.Manifests.policy;
import static io.sriov.lab.Stack.NODE;
import static io.sriov.lab.Stack.PF;
import static io.sriov.lab.Stack.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dirt on real VFs is told and goes; VFs of pods stay as they are. */
@InLab
class AuditLabTest {

  private static final String IPAM =
      "ipam: '{\"type\": \"host-local\", \"subnet\": \"10.56.219.0/24\"}'";

  private static Stack stack;

  /** One set of VFs for all tests: each begins and ends with clean ones. */
  @BeforeAll
  static void vfs() {
    stack = Stack.installed();
    stack.apply(policy("audit", NODE, "{pfNames: [enp1s0]}", "numVfs: 3"));
    stack.apply(network("audit", "vlan: 7\nspoofChk: 'off'\ntrust: 'on'\nmaxTxRate: 100\n" + IPAM));
    stack.awaitSucceeded(NODE, PF, 3);
    eventually(60, () -> assertThat(stack.allocatable(NODE, "audit")).isEqualTo("3"));
  }

  @BeforeEach
  void clean() {
    awaitClean("True");
  }

  @AfterEach
  void noPods() {
    stack.deletePods();
  }

  @AfterAll
  static void cleanUp() {
    stack.cleanUp();
    // Of the attachment that was made up here nobody gives the addresses back.
    stack.onNode(NODE, "rm -f /var/lib/cni/sriov/*-net1");
  }

  private static String condition(String field) {
    return stack.state(NODE, "{.status.conditions[?(@.type==\"VfsClean\")]." + field + "}");
  }

  private static void awaitClean(String status) {
    eventually(90, () -> assertThat(condition("status")).isEqualTo(status));
  }

  private static String vf(int number) {
    return stack.onNode(NODE, "ip link show enp1s0 | grep 'vf " + number + " '");
  }

  @Test
  void settingsLeftOnAFreeVfAreToldAndPutBack() {
    String before = vf(1);
    stack.onNode(
        NODE,
        "ip link set enp1s0 vf 1 vlan 100 qos 3 && ip link set enp1s0 vf 1 spoofchk off"
            + " && ip link set enp1s0 vf 1 trust on && ip link set enp1s0 vf 1 max_tx_rate 50");

    eventually(
        60,
        () -> {
          assertThat(condition("status")).isEqualTo("False");
          assertThat(condition("message"))
              .contains("PF enp1s0 VF 1 (0000:")
              .contains("VLAN 100 priority 3, spoof check off, trust on");
        });
    awaitClean("True");
    assertThat(vf(1)).isEqualTo(before);
    assertThat(
            stack
                .lab()
                .kubectl("-n", Stack.NAMESPACE, "get", "events.events.k8s.io", "-o", "wide")
                .lines()
                .filter(event -> event.contains(NODE)))
        .anyMatch(event -> event.contains("VfDirty"))
        .anyMatch(event -> event.contains("VfRepaired"));
  }

  @Test
  void theVfOfAPodStaysAsThePodWantsIt() {
    stack.apply(pod("audit", NODE, "audit", "audit"));
    stack.awaitPodReady("audit");
    String held =
        stack.onNode(NODE, "ip link show enp1s0 | grep 'vlan 7' | grep -o 'vf [0-9]'").trim();
    int free = held.equals("vf 0") ? 1 : 0;
    stack.onNode(NODE, "ip link set enp1s0 vf " + free + " vlan 100");

    eventually(60, () -> assertThat(condition("status")).isEqualTo("False"));
    awaitClean("True");

    assertThat(vf(free)).doesNotContain("vlan");
    assertThat(stack.onNode(NODE, "ip link show enp1s0 | grep '" + held + " '"))
        .contains("vlan 7")
        .contains("spoof checking off")
        .contains("trust on");
  }

  @Test
  void twoFreeVfsDoNotKeepOneAddress() {
    stack.onNode(
        NODE,
        "ip link set enp1s0 vf 2 mac $(ip link show enp1s0 | grep 'vf 1 ' | grep -o"
            + " '[0-9a-f:]\\{17\\}' | head -1)");

    eventually(
        60,
        () ->
            assertThat(
                    stack.onNode(
                        NODE,
                        "ip link show enp1s0 | grep 'vf ' | grep -o 'link/ether [0-9a-f:]*'"
                            + " | sort | uniq -d"))
                .isEmpty());
    awaitClean("True");
  }

  @Test
  void aVfIsRestoredWhosePodWentWithoutADel() {
    stack.apply(pod("audit", NODE, "audit", "audit"));
    stack.awaitPodReady("audit");
    // What a node is left with when a pod's sandbox goes and nobody calls the plugin.
    stack.onNode(NODE, "mkdir -p /tmp/left && cp /var/lib/cni/sriov/*-net1 /tmp/left/");
    String vf = stack.onNode(NODE, "grep -ho '\"deviceID\":\"[^\"]*' /tmp/left/* | cut -d'\"' -f4");
    stack.lab().kubectl("delete", "pod", "audit", "--wait", Stack.TIMEOUT);
    eventually(
        30,
        () ->
            assertThat(stack.onNode(NODE, "ls /sys/bus/pci/devices/" + vf + "/net")).isNotEmpty());
    String name = stack.onNode(NODE, "ls /sys/bus/pci/devices/" + vf + "/net");
    stack.onNode(
        NODE,
        "ip link set "
            + name
            + " down && ip link set "
            + name
            + " name net1 && cp /tmp/left/* /var/lib/cni/sriov/ && rm -r /tmp/left");

    eventually(
        60, () -> assertThat(condition("message")).contains("of no pod any more").contains("net1"));
    awaitClean("True");
    assertThat(stack.onNode(NODE, "ls /sys/bus/pci/devices/" + vf + "/net")).isEqualTo(name);
  }
}
