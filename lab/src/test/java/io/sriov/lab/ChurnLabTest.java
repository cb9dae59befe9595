package io.sriov.lab;

import static io.sriov.lab.Manifests.network;
import static io.sriov.lab.Manifests.policy;
import static io.sriov.lab.Stack.NODE;
import static io.sriov.lab.Stack.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Pods come and go over every VF of a node while what serves them is killed: no VF is lost or
 * dirty, no pod is stuck.
 */
@InLab
class ChurnLabTest {

  private static final int VFS = 14;

  /** So many pods start at the same time: more would only wait for the node's processors. */
  private static final int STARTING = 4;

  /** What was killed gets time to come back, or nothing is tested but its absence. */
  private static final Duration BETWEEN_KILLS = Duration.ofSeconds(25);

  private static final Duration PAUSE = Duration.ofMillis(300);

  /** The settings that a pod changes and its end has to take back. */
  private static final String NETWORK =
      network("churn", "vlan: 9\nspoofChk: 'off'\ntrust: 'on'\nmaxTxRate: 50");

  private static Stack stack;

  private final List<String> pods = new ArrayList<>();
  private int made;

  @BeforeAll
  static void install() {
    stack = Stack.installed();
  }

  @AfterEach
  void cleanUp() {
    stack.cleanUp();
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void threeMinutesOfPodsAndKillsLoseNoVf() {
    churn(Duration.ofMinutes(3), 3);
  }

  @Test
  @Tag("soak")
  @Timeout(value = 50, unit = TimeUnit.MINUTES)
  void thirtyMinutesOfPodsAndKillsLoseNoVf() {
    churn(Duration.ofMinutes(30), 30);
  }

  private void churn(Duration time, long seed) {
    stack.apply(policy("churn", NODE, "{pfNames: [enp1s0, enp2s0]}", "numVfs: 7"));
    stack.apply(NETWORK);
    stack.awaitSucceeded(NODE, "enp1s0", 7);
    stack.awaitSucceeded(NODE, "enp2s0", 7);
    awaitAllOffered();
    String clean = vfs();
    Random random = new Random(seed);
    long end = System.nanoTime() + time.toNanos();
    int kills = 0;
    long lastKill = System.nanoTime();

    while (System.nanoTime() < end) {
      if (System.nanoTime() - lastKill > BETWEEN_KILLS.toNanos()) {
        lastKill = System.nanoTime();
        kill(random.nextInt(3));
        kills++;
      } else if (starting() >= STARTING) {
        LockSupport.parkNanos(PAUSE.toNanos());
      } else if (random.nextInt(9) < 4) {
        end(random);
      } else {
        begin();
      }
    }

    assertThat(kills).isPositive();
    System.err.printf("churn: %d pods made, %d kills%n", made, kills);
    // A pod that the kubelet turned away, because the plugin was dead at that moment, is not stuck.
    eventually(180, () -> assertThat(phases()).doesNotContain("Pending"));
    for (String pod : pods) {
      String phase = phase(pod);
      if (phase.startsWith("Running")) {
        assertThat(stack.inPod(pod, "ip", "-br", "link", "show", "net1")).contains("net1");
      } else {
        assertThat(phase).as(pod).contains("UnexpectedAdmissionError");
      }
    }
    stack.lab().kubectl("delete", "pods", "-l", Stack.OF_LANE, "--wait", Stack.TIMEOUT);
    // What a killed process left behind is found within the daemon's minute.
    eventually(90, () -> assertThat(vfs()).isEqualTo(clean));
    awaitAllOffered();
  }

  private void begin() {
    if (pods.size() == VFS) {
      return;
    }
    String name = "churn-" + made++;
    stack.apply(scheduled(name));
    pods.add(name);
  }

  private void end(Random random) {
    if (!pods.isEmpty()) {
      String pod = pods.remove(random.nextInt(pods.size()));
      stack.lab().kubectl("delete", "pod", pod, "--wait=" + random.nextBoolean());
    }
  }

  private static void kill(int which) {
    switch (which) {
      case 0 -> stack.killDaemon(NODE);
      case 1 -> stack.killDevicePlugin(NODE);
      default ->
          stack.onNode(
              NODE, "systemctl reset-failed kubelet; systemctl kill --signal=KILL kubelet");
    }
  }

  /** Set by the scheduler, as pods of users are: it waits until there is a VF. */
  private static String scheduled(String name) {
    return Manifests.pod(name, NODE, "churn", "churn")
        .replace("nodeName: " + NODE, "nodeSelector: {kubernetes.io/hostname: " + NODE + "}");
  }

  private static void awaitAllOffered() {
    eventually(
        90, () -> assertThat(stack.allocatable(NODE, "churn")).isEqualTo(Integer.toString(VFS)));
  }

  private static String phases() {
    return stack
        .lab()
        .kubectl("get", "pods", "-l", Stack.OF_LANE, "-o", "jsonpath={.items[*].status.phase}");
  }

  private static long starting() {
    return Arrays.stream(phases().split(" ")).filter("Pending"::equals).count();
  }

  private static String phase(String pod) {
    return stack
        .lab()
        .kubectl("get", "pod", pod, "-o", "jsonpath={.status.phase} {.status.reason}");
  }

  /** Every VF: as its PF shows it, as the host has it, and the plugin's files. */
  private static String vfs() {
    return stack.onNode(
        NODE,
        """
        for pf in enp1s0 enp2s0; do
          ip link show $pf | grep 'vf '
          for n in /sys/class/net/$pf/device/virtfn*/net/*; do echo ${n##*/} $(cat $n/address $n/mtu); done
        done
        find /var/lib/cni/sriov -type f ! -name '*.lock' | sort
        """);
  }
}
