package io.sriov.lab;

import static io.sriov.lab.Manifests.network;
import static io.sriov.lab.Manifests.pod;
import static io.sriov.lab.Manifests.policy;
import static io.sriov.lab.Stack.NAMESPACE;
import static io.sriov.lab.Stack.NODE;
import static io.sriov.lab.Stack.PF;
import static io.sriov.lab.Stack.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** From policy to pod on real nodes. */
@InLab
class MainJobLabTest {

  private static final String IPAM =
      "ipam: '{\"type\": \"host-local\", \"subnet\": \"10.56.217.0/24\"}'";

  private static Stack stack;

  @BeforeAll
  static void install() {
    stack = Stack.installed();
  }

  @AfterEach
  void cleanUp() {
    stack.cleanUp();
  }

  @Test
  void theNodeStateShowsTheCards() {
    assertThat(stack.state(NODE, "{.status.syncStatus}")).isEqualTo("Succeeded");
    assertThat(stack.pf(NODE, PF, "name")).isEqualTo(PF);
    assertThat(stack.pf(NODE, PF, "pciAddress")).isEqualTo("0000:01:00.0");
    assertThat(stack.pf(NODE, PF, "vendor") + ":" + stack.pf(NODE, PF, "deviceID"))
        .isEqualTo("8086:10c9");
    assertThat(stack.pf(NODE, PF, "driver")).isEqualTo("igb");
    assertThat(stack.pf(NODE, PF, "totalvfs")).isEqualTo("7");
    assertThat(stack.pf(NODE, PF, "mtu")).isEqualTo("1500");
    assertThat(stack.pf(NODE, PF, "mac"))
        .isEqualTo("52:54:00:5e:0%s:01".formatted(NODE.substring("worker".length())));
    assertThat(stack.pf(NODE, PF, "linkType")).isEqualTo("ETH");
  }

  /** The mission's own policy: port, vendor and node; then everything goes when it goes. */
  @Test
  @Tag(InLab.WHOLE)
  void onlyTheSelectedNodeGetsVfsAndADevicePlugin() {
    String policy =
        policy("intelnics", "worker1", "{vendor: '8086', pfNames: [enp1s0]}", "numVfs: 4");
    stack.apply(policy);
    stack.awaitSucceeded("worker1", PF, 4);
    eventually(60, () -> assertThat(stack.allocatable("worker1", "intelnics")).isEqualTo("4"));

    assertThat(stack.pf("worker1", PF, "Vfs[*].driver")).isEqualTo("igbvf igbvf igbvf igbvf");
    assertThat(stack.pf("worker1", PF, "Vfs[*].vfID")).isEqualTo("0 1 2 3");
    assertThat(stack.pf("worker1", PF, "linkSpeed")).isEqualTo("1000 Mb/s");
    assertThat(stack.selected("intelnics")).startsWith("True ");
    assertThat(stack.pods("sriov-device-plugin", "worker1")).isNotEmpty();
    assertThat(stack.pods("sriov-device-plugin", "worker2")).isEmpty();
    assertThat(stack.pods("sriov-network-config-daemon", "worker2")).isNotEmpty();
    assertThat(stack.vfs("worker2", PF)).isZero();
    assertThat(stack.vfs("worker1", "enp2s0")).isZero();
    assertThat(phasesOfWorkloads()).containsPattern("(?s)^(Running\\s+){4,}$");

    stack.apply(network("intelnics", IPAM));
    eventually(20, () -> assertThat(nads()).contains("intelnics"));
    stack.delete(network("intelnics", IPAM));
    eventually(20, () -> assertThat(nads()).doesNotContain("intelnics"));

    stack.delete(policy);
    stack.awaitSucceeded("worker1", PF, 0);
    eventually(60, () -> assertThat(stack.pods("sriov-device-plugin", "worker1")).isEmpty());
  }

  @Test
  @Tag(InLab.WHOLE)
  void aPodGetsAVfAsNet1AndTwoPodsPing() {
    stack.apply(policy("ping", "worker1", "{pfNames: [enp1s0]}", "numVfs: 2"));
    stack.apply(policy("pong", "worker2", "{pfNames: [enp2s0]}", "numVfs: 2"));
    stack.apply(network("ping", "vlan: 100\n" + IPAM));
    stack.apply(
        network(
            "pong",
            "vlan: 100\nipam: '{\"type\":\"static\",\"addresses\":[{\"address\":\"10.56.217.200/24\"}]}'"));
    stack.awaitSucceeded("worker1", PF, 2);
    stack.awaitSucceeded("worker2", "enp2s0", 2);
    eventually(60, () -> assertThat(stack.allocatable("worker1", "ping")).isEqualTo("2"));
    eventually(60, () -> assertThat(stack.allocatable("worker2", "pong")).isEqualTo("2"));

    stack.apply(pod("ping", "worker1", "ping", "ping"));
    stack.apply(pod("pong", "worker2", "pong", "pong"));
    stack.awaitPodReady("ping");
    stack.awaitPodReady("pong");

    assertThat(
            stack
                .lab()
                .kubectl(
                    "get",
                    "pod",
                    "ping",
                    "-o",
                    "jsonpath={.metadata.annotations.k8s\\.v1\\.cni\\.cncf\\.io/network-status}"))
        .contains("\"interface\": \"net1\"")
        .contains("\"pci-address\": \"0000:0")
        .contains("10.56.217.");
    assertThat(stack.onNode("worker1", "ip link show enp1s0")).contains("vlan 100");
    // A VF's carrier comes a moment after its pod.
    eventually(
        30, () -> stack.inPod("ping", "ping", "-c", "1", "-W", "1", "-I", "net1", "10.56.217.200"));
    assertThat(stack.inPod("ping", "ping", "-c", "5", "-i", "0.3", "-I", "net1", "10.56.217.200"))
        .contains(" 0% packet loss");
    assertThat(stack.inPod("ping", "sh", "-c", "echo $PCIDEVICE_OPENSHIFT_IO_PING"))
        .startsWith("0000:0");
  }

  @Test
  void aVfIsBackInTheHostAndCleanAfterItsPodIsGone() {
    stack.apply(policy("back", NODE, "{pfNames: [enp1s0]}", "numVfs: 1"));
    stack.apply(
        network(
            "back", "vlan: 7\nvlanQoS: 3\nspoofChk: 'off'\ntrust: 'on'\nmaxTxRate: 100\n" + IPAM));
    stack.awaitSucceeded(NODE, PF, 1);
    eventually(60, () -> assertThat(stack.allocatable(NODE, "back")).isEqualTo("1"));
    String before = hostFacts();

    for (int cycle = 0; cycle < 5; cycle++) {
      stack.apply(pod("back", NODE, "back", "back"));
      stack.awaitPodReady("back");
      assertThat(stack.onNode(NODE, "ip link show enp1s0"))
          .contains("vlan 7, qos 3")
          .contains("spoof checking off")
          .contains("trust on")
          .contains("max_tx_rate 100Mbps");
      stack.lab().kubectl("delete", "pod", "back", "--wait", Stack.TIMEOUT);
      eventually(20, () -> assertThat(hostFacts()).isEqualTo(before));
    }
    assertThat(stack.allocatable(NODE, "back")).isEqualTo("1");
  }

  /** Two policies share a PF, and a pod of the second has a VF for user space. */
  @Test
  void aPartitionForVfioHasItsPoolAndItsPodOpensTheGroupAndGetsADeviceDescriptor() {
    stack.apply(policy("kernel", NODE, "{pfNames: ['enp1s0#0-1']}", "numVfs: 4"));
    stack.apply(
        policy("userspace", NODE, "{pfNames: ['enp1s0#2-3']}", "numVfs: 4\ndeviceType: vfio-pci"));
    stack.awaitSucceeded(NODE, PF, 4);
    eventually(
        60,
        () ->
            assertThat(stack.pf(NODE, PF, "Vfs[*].driver"))
                .isEqualTo("igbvf igbvf vfio-pci vfio-pci"));
    eventually(60, () -> assertThat(stack.allocatable(NODE, "kernel")).isEqualTo("2"));
    eventually(60, () -> assertThat(stack.allocatable(NODE, "userspace")).isEqualTo("2"));

    stack.apply(pod("vfio", NODE, "userspace", ""));
    stack.awaitPodReady("vfio");

    String device =
        stack.inPod("vfio", "sh", "-c", "echo $PCIDEVICE_OPENSHIFT_IO_USERSPACE").trim();
    assertThat(List.of(stack.pf(NODE, PF, "Vfs[*].pciAddress").split(" ")).subList(2, 4))
        .contains(device);
    assertThat(stack.inPod("vfio", "vfio-open", device)).contains(device + " of /dev/vfio/");
  }

  /** The three workloads' pods: operator, config daemons, device plugin. */
  private static String phasesOfWorkloads() {
    return stack
        .lab()
        .kubectl(
            "-n", NAMESPACE, "get", "pods", "--no-headers", "-o", "custom-columns=P:.status.phase");
  }

  private String nads() {
    return stack.lab().kubectl("get", "network-attachment-definitions", "-o", "name");
  }

  /**
   * What a VF and the plugin's files look like on the host, without numbers that always change and
   * lock files, which stay: removing one that somebody waits for would let two in.
   */
  private static String hostFacts() {
    return stack.onNode(
        NODE,
        """
        ip link show enp1s0 | sed 's/qlen.*//'
        for vf in /sys/class/net/enp1s0/device/virtfn*/net/*; do
          n=${vf##*/}; echo "$n $(cat $vf/mtu) $(ip -o link show $n | grep -o 'state [A-Z]*')"; ip addr show $n | grep inet
        done
        find /var/lib/cni/sriov -type f ! -name '*.lock' 2>/dev/null | sort
        ls /var/run/netns 2>/dev/null | wc -l | sed 's/.*//'
        """);
  }
}
