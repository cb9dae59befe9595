package io.sriov.lab;

import static io.sriov.lab.Manifests.network;
import static io.sriov.lab.Manifests.pod;
import static io.sriov.lab.Manifests.policy;
import static io.sriov.lab.Manifests.pool;
import static io.sriov.lab.Stack.NAMESPACE;
import static io.sriov.lab.Stack.NODE;
import static io.sriov.lab.Stack.PF;
import static io.sriov.lab.Stack.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bad input, killed processes and outages on real nodes. */
@InLab
class FaultsLabTest {

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
  void aPolicyThatAsksForTooManyVfsSaysSoAndChangesNothing() {
    stack.apply(policy("toomany", NODE, "{pfNames: [enp1s0]}", "numVfs: 8"));
    eventually(
        30,
        () ->
            assertThat(stack.selected("toomany"))
                .startsWith("False ")
                .contains("enp1s0")
                .contains("8")
                .contains("7"));
    assertThat(stack.vfs(NODE, PF)).isZero();
  }

  @Test
  void aRangeBeyondTheVfsSaysSoAndChangesNothing() {
    stack.apply(policy("range", NODE, "{pfNames: ['enp1s0#2-5']}", "numVfs: 4"));
    eventually(
        30,
        () ->
            assertThat(stack.selected("range")).startsWith("False ").contains("2-5").contains("4"));
    assertThat(stack.vfs(NODE, PF)).isZero();
  }

  @Test
  void anUnknownPfNameIsNamedWithTheNearestOne() {
    stack.apply(policy("typo", NODE, "{pfNames: [enp1s00]}", "numVfs: 2"));
    eventually(
        30,
        () ->
            assertThat(stack.selected("typo"))
                .startsWith("False ")
                .contains("enp1s00")
                .contains("enp1s0"));
    assertThat(stack.vfs(NODE, PF)).isZero();
  }

  @Test
  void aVfInUseIsNotDestroyedWhileNoDrainIsAllowedAndTheStatusNamesThePod() {
    stack.apply(policy("inuse", NODE, "{pfNames: [enp1s0]}", "numVfs: 2"));
    stack.apply(network("inuse", ""));
    stack.awaitSucceeded(NODE, PF, 2);
    eventually(60, () -> assertThat(stack.allocatable(NODE, "inuse")).isEqualTo("2"));
    stack.apply(pod("holder", NODE, "inuse", "inuse"));
    stack.awaitPodReady("holder");
    stack.apply(pool("inuse", NODE, "paused: true"));

    stack.apply(policy("inuse", NODE, "{pfNames: [enp1s0]}", "numVfs: 5"));

    eventually(
        30,
        () ->
            assertThat(stack.state(NODE, "{.status.conditions[?(@.type==\"VFsInUse\")].message}"))
                .contains("default/holder"));
    eventually(
        30, () -> assertThat(stack.state(NODE, "{.metadata.annotations}")).contains("paused"));
    assertThat(stack.vfs(NODE, PF)).isEqualTo(2);
    assertThat(stack.inPod("holder", "ip", "-br", "link", "show", "net1")).contains("net1");

    stack.apply(pool("inuse", NODE, "paused: false"));
    stack.awaitSucceeded(NODE, PF, 5);
    assertThat(stack.lab().kubectl("get", "pods", "holder", "--ignore-not-found", "-o", "name"))
        .isEmpty();
  }

  @Test
  void aRestartOfTheDaemonChangesNothingOnAConfiguredNode() {
    stack.apply(policy("restart", NODE, "{pfNames: [enp1s0]}", "numVfs: 4"));
    stack.awaitSucceeded(NODE, PF, 4);
    String before = vfIdentities();

    stack.killDaemon(NODE);
    awaitOtherDaemon(NODE);
    eventually(
        60, () -> assertThat(stack.state(NODE, "{.status.syncStatus}")).isEqualTo("Succeeded"));

    assertThat(vfIdentities()).isEqualTo(before);
  }

  /** Both nodes at the same time, in turns: most of it is waiting for the node. */
  @Test
  @Tag(InLab.WHOLE)
  void aDaemonKilledWhileItAppliesFinishesAfterItsRestart() {
    List<String> nodes = stack.nodes();
    CompletableFuture.allOf(
            IntStream.range(0, nodes.size())
                .mapToObj(first ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int moment = first; moment < 10; moment += nodes.size()) {
                            killWhileItApplies(nodes.get(first), moment);
                          }
                        },
                        task -> Thread.ofPlatform().name("kills-" + first).start(task)))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  /**
   * @param moment tenths of a second after the policy, and as many seconds as four go into it:
   *     before, in and after the writes, of which the one to sriov_numvfs takes seconds, and
   *     between the steps of the VFs
   */
  private static void killWhileItApplies(String node, int moment) {
    int vfs = 1 + (moment * 3 + 2) % 7;
    String driver = moment % 3 == 2 ? "\ndeviceType: vfio-pci" : "";
    awaitOtherDaemon(node);
    stack.apply(
        policy(
            "killed" + node,
            node,
            "{vendor: '8086', pfNames: [enp1s0]}",
            "numVfs: " + vfs + driver));
    stack.onNode(node, "sleep 0." + moment + "; sleep " + moment / 4);
    stack.killDaemon(node);
    awaitOtherDaemon(node);
    stack.awaitSucceeded(node, PF, vfs);
  }

  @Test
  @Tag(InLab.WHOLE)
  void anApiServerThatIsAwayForAMinuteStopsNoPodAndIsCaughtUpWith() {
    stack.apply(policy("outage", "worker1", "{pfNames: [enp1s0]}", "numVfs: 2"));
    stack.apply(network("outage", ""));
    stack.awaitSucceeded("worker1", PF, 2);
    eventually(60, () -> assertThat(stack.allocatable("worker1", "outage")).isEqualTo("2"));
    stack.apply(pod("survivor", "worker1", "outage", "outage"));
    stack.awaitPodReady("survivor");
    String restarts = restarts();

    stack.lab().interruptApiServer();
    String during;
    try {
      during =
          stack.onNode(
              "worker1",
              "sleep 60; ip link show enp1s0 | grep -c 'vf '; ls -d /var/run/netns/* | wc -l");
    } finally {
      stack.lab().resumeApiServer();
    }

    assertThat(during).startsWith("2");
    eventually(
        60,
        () ->
            assertThat(stack.inPod("survivor", "ip", "-br", "link", "show", "net1"))
                .contains("net1"));
    stack.apply(policy("after", "worker1", "{pfNames: [enp2s0]}", "numVfs: 3"));
    stack.awaitSucceeded("worker1", "enp2s0", 3);
    assertThat(restarts()).isEqualTo(restarts);
  }

  @Test
  void fortyFiveAttachmentsThroughTheForwarderLeaveNothingBehind() {
    stack.apply(policy("cycles", NODE, "{pfNames: [enp1s0]}", "numVfs: 1"));
    stack.awaitSucceeded(NODE, PF, 1);
    String vf = stack.pf(NODE, PF, "Vfs[0].pciAddress");
    // One first, so that what is made once is there.
    attachAndDetach(vf, 1);
    String before = leftovers();
    int descriptors = descriptors();

    attachAndDetach(vf, 45);

    eventually(10, () -> assertThat(leftovers()).isEqualTo(before));
    // Connections to the API server come and go; one lost a call would be 45.
    assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 3);
  }

  @Test
  @Tag(InLab.WHOLE)
  void afterUninstallAPodThatHoldsAVfCanBeDeletedAndTheVfReturns() {
    stack.apply(policy("leave", "worker1", "{pfNames: [enp1s0]}", "numVfs: 1"));
    stack.apply(network("leave", ""));
    stack.awaitSucceeded("worker1", PF, 1);
    eventually(60, () -> assertThat(stack.allocatable("worker1", "leave")).isEqualTo("1"));
    String netdev = stack.onNode("worker1", "ls /sys/class/net/enp1s0/device/virtfn0/net");
    stack.apply(pod("last", "worker1", "leave", "leave"));
    stack.awaitPodReady("last");
    assertThat(stack.onNode("worker1", "ls /sys/class/net")).doesNotContain(netdev);

    stack.lab().helm("uninstall", "sriov-network-operator", "--namespace", NAMESPACE, "--wait");
    try {
      eventually(
          90, () -> assertThat(stack.pods("sriov-network-config-daemon", "worker1")).isEmpty());
      stack.lab().kubectl("delete", "pod", "last", "--wait", Stack.TIMEOUT);
      // Nobody is there to rename it: the kernel brings it back under the name it had in the pod.
      eventually(
          30,
          () ->
              assertThat(stack.onNode("worker1", "ls " + Stack.PF_DEVICE + "/virtfn0/net"))
                  .isNotEmpty());
    } finally {
      stack.installChart();
    }
  }

  private static void attachAndDetach(String vf, int times) {
    stack.onNode(
        NODE,
        """
        set -e
        conf='{"cniVersion":"1.0.0","name":"cycles","type":"sriov","deviceID":"%s","vlan":5,"spoofchk":"off"}'
        for i in $(seq %d); do
          ip netns add cycle
          export CNI_CONTAINERID=cycle$i CNI_NETNS=/var/run/netns/cycle CNI_IFNAME=net1 CNI_PATH=/opt/cni/bin
          echo "$conf" | CNI_COMMAND=ADD /opt/cni/bin/sriov >/tmp/add.json || { cat /tmp/add.json; exit 1; }
          ip netns exec cycle ip link show net1 >/dev/null
          echo "$conf" | CNI_COMMAND=DEL /opt/cni/bin/sriov
          ip netns del cycle
        done
        """
            .formatted(vf, times));
  }

  private static int descriptors() {
    return Integer.parseInt(
        stack.onNode(NODE, "ls /proc/" + stack.process(NODE, Stack.DAEMON) + "/fd | wc -l"));
  }

  /** Network namespaces, the plugin's files and the VF as the PF shows it. */
  private static String leftovers() {
    return stack.onNode(
        NODE,
        """
        lsns -t net -n -o NS | sort -u | wc -l
        find /var/lib/cni/sriov | sort
        ip link show enp1s0 | grep 'vf '
        ip -o link show dev $(ls /sys/class/net/enp1s0/device/virtfn0/net) | sed 's/^[0-9]*//'
        """);
  }

  /** Interface indexes change when a VF is made anew. */
  private static String vfIdentities() {
    return stack.onNode(
        NODE,
        // udev names a VF after it is there.
        "udevadm settle; for n in /sys/class/net/enp1s0/device/virtfn*/net/*; do echo ${n##*/} $(cat $n/ifindex) $(cat $n/address); done");
  }

  private static void awaitOtherDaemon(String node) {
    eventually(120, () -> assertThat(stack.daemonRuns(node)).isTrue());
  }

  private static String restarts() {
    return stack
        .lab()
        .kubectl(
            "-n",
            NAMESPACE,
            "get",
            "pods",
            "-l",
            "app=sriov-network-config-daemon",
            "-o",
            "jsonpath={.items[*].status.containerStatuses[0].restartCount}");
  }
}
