package io.sriov.lab;

import static io.sriov.lab.Manifests.network;
import static io.sriov.lab.Manifests.pod;
import static io.sriov.lab.Manifests.policy;
import static io.sriov.lab.Stack.NAMESPACE;
import static io.sriov.lab.Stack.NODE;
import static io.sriov.lab.Stack.PF;
import static io.sriov.lab.Stack.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes that reach VFs in use, on real nodes. */
@InLab
class DrainLabTest {

  private static final String DRAIN =
      "{.metadata.annotations.sriovnetwork\\.openshift\\.io/current-state}";

  private static Stack stack;

  @BeforeAll
  static void install() {
    stack = Stack.installed();
  }

  @AfterEach
  void cleanUp() {
    stack
        .lab()
        .kubectl("-n", "default", "delete", "deployments,poddisruptionbudgets", "-l", "lab-test");
    stack.cleanUp();
    for (String node : stack.nodesOfLane()) {
      eventually(60, () -> assertThat(cordoned(node)).isEmpty());
    }
  }

  /**
   * One policy over both nodes, a VF of each in use: both need a drain, a budget blocks the first,
   * the operator dies meanwhile.
   */
  @Test
  @Tag(InLab.WHOLE)
  void aResizeDrainsTheHoldersOneNodeAtATimeAndEverythingComesBack() {
    List<VfWatch> watches =
        stack.nodes().stream().map(node -> VfWatch.on(stack.lab(), node)).toList();
    String both = policyOnBoth(3);
    stack.apply(both);
    stack.apply(network("roll", ""));
    for (String node : stack.nodes()) {
      stack.awaitSucceeded(node, PF, 3);
      eventually(60, () -> assertThat(stack.allocatable(node, "roll")).isEqualTo("3"));
      stack.apply(bystander(node));
    }
    stack.apply(HOLDERS);
    stack.lab().kubectl("rollout", "status", "deployment/holders", Stack.TIMEOUT);
    for (String node : stack.nodes()) {
      stack.awaitPodReady("bystander-" + node);
    }
    String bystanders = uids("bystander");
    String holders = uids("holder");
    stack.apply(BUDGET);

    stack.apply(policyOnBoth(5));

    eventually(60, () -> assertThat(states()).contains("Draining"));
    String draining =
        stack.nodes().stream()
            .filter(node -> stack.state(node, DRAIN).equals("Draining"))
            .findFirst()
            .orElseThrow();
    eventually(30, () -> assertThat(cordoned(draining)).isEqualTo("true"));
    // The budget holds: nobody is evicted, nothing is destroyed, the other node waits.
    killOperator();
    eventually(60, () -> assertThat(stack.operator()).isNotEmpty());
    assertThat(states()).containsOnlyOnce("Draining").doesNotContain("DrainComplete");
    assertThat(uids("holder")).isEqualTo(holders);
    assertThat(stack.vfs(draining, PF)).isEqualTo(3);

    stack.lab().kubectl("-n", "default", "delete", "poddisruptionbudget", "holders");

    List<String> together = new ArrayList<>();
    for (String node : stack.nodes()) {
      eventually(
          180,
          () -> {
            long busy = stack.nodes().stream().filter(n -> !cordoned(n).isEmpty()).count();
            if (busy > 1) {
              together.add(states());
            }
            assertThat(stack.vfs(node, PF)).isEqualTo(5);
          });
    }
    for (String node : stack.nodes()) {
      stack.awaitSucceeded(node, PF, 5);
      eventually(60, () -> assertThat(cordoned(node)).isEmpty());
      eventually(60, () -> assertThat(stack.state(node, DRAIN)).isEqualTo("Idle"));
    }
    stack.lab().kubectl("rollout", "status", "deployment/holders", Stack.TIMEOUT);
    assertThat(together).as("nodes cordoned at the same time").isEmpty();
    assertThat(uids("bystander")).isEqualTo(bystanders);
    for (VfWatch watch : watches) {
      assertThat(watch.runs()).isTrue();
      assertThat(watch.seen()).isEmpty();
      watch.close();
    }
  }

  /**
   * The silence of the observer is what other tests build on: it must speak when there is cause.
   */
  @Test
  void theObserverSeesAVfThatIsTakenFromAPod() {
    String vf = "0000:02:10.0";
    String record = "/var/lib/cni/sriov/pci/" + vf;
    String count = "/sys/class/net/enp2s0/device/sriov_numvfs";
    stack.onNode(NODE, "mkdir -p /var/lib/cni/sriov/pci; echo 1 >" + count);
    try (VfWatch watch = VfWatch.on(stack.lab(), NODE)) {
      assertThat(stack.onNode(NODE, "readlink /sys/class/net/enp2s0/device/virtfn0")).endsWith(vf);
      stack.onNode(NODE, "echo /proc/1/ns/net >" + record);

      stack.onNode(NODE, "echo 0 >" + count);

      eventually(
          30,
          () ->
              assertThat(watch.seen())
                  .anyMatch(line -> line.equals("remove " + vf + ", which /proc/1/ns/net holds")));
    } finally {
      stack.onNode(NODE, "rm -f " + record + "; echo 0 >" + count);
    }
  }

  @Test
  void aChangeThatLeavesTheVfsInUseAloneDrainsNothing() {
    stack.apply(policy("stay", NODE, "{pfNames: ['enp1s0#0-1']}", "numVfs: 4"));
    stack.apply(network("stay", ""));
    stack.awaitSucceeded(NODE, PF, 4);
    eventually(60, () -> assertThat(stack.allocatable(NODE, "stay")).isEqualTo("2"));
    stack.apply(pod("stay", NODE, "stay", "stay"));
    stack.awaitPodReady("stay");
    String before = uids("true," + Stack.OF_LANE);
    assertThat(before).isNotEmpty();

    stack.apply(policy("beside", NODE, "{pfNames: [enp2s0]}", "numVfs: 3"));
    stack.apply(
        policy("partition", NODE, "{pfNames: ['enp1s0#2-3']}", "numVfs: 4\ndeviceType: vfio-pci"));

    stack.awaitSucceeded(NODE, "enp2s0", 3);
    eventually(
        60,
        () ->
            assertThat(stack.pf(NODE, PF, "Vfs[*].driver"))
                .isEqualTo("igbvf igbvf vfio-pci vfio-pci"));
    assertThat(stack.state(NODE, DRAIN)).isEqualTo("Idle");
    assertThat(cordoned(NODE)).isEmpty();
    assertThat(uids("true," + Stack.OF_LANE)).isEqualTo(before);
    assertThat(stack.inPod("stay", "ip", "-br", "link", "show", "net1")).contains("net1");
  }

  @Test
  void aNodeThatAnAdminCordonedIsDrainedAndStaysCordoned() {
    stack.apply(policy("kept", NODE, "{pfNames: [enp1s0]}", "numVfs: 2"));
    stack.apply(network("kept", ""));
    stack.awaitSucceeded(NODE, PF, 2);
    eventually(60, () -> assertThat(stack.allocatable(NODE, "kept")).isEqualTo("2"));
    stack.apply(pod("kept", NODE, "kept", "kept"));
    stack.awaitPodReady("kept");
    stack.lab().kubectl("cordon", NODE);
    try {
      stack.apply(policy("kept", NODE, "{pfNames: [enp1s0]}", "numVfs: 6"));
      stack.awaitSucceeded(NODE, PF, 6);
      eventually(60, () -> assertThat(stack.state(NODE, DRAIN)).isEqualTo("Idle"));
      assertThat(cordoned(NODE)).isEqualTo("true");
    } finally {
      stack.lab().kubectl("uncordon", NODE);
    }
  }

  /** Random policies while pods come and go; every VF that a pod holds must outlive the change. */
  @Test
  @Tag("soak")
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void fiftyRandomChangesEndInSyncAndTakeNoVfFromAPod() {
    randomChanges(50, 20261124);
  }

  @Test
  void tenRandomChangesEndInSyncAndTakeNoVfFromAPod() {
    randomChanges(10, 42);
  }

  private static void randomChanges(int changes, long seed) {
    Random random = new Random(seed);
    try (VfWatch watch = VfWatch.on(stack.lab(), NODE)) {
      stack.apply(network("chaos", ""));
      for (int change = 0; change < changes; change++) {
        int vfs = 1 + random.nextInt(7);
        String pf = random.nextBoolean() ? "enp1s0" : "enp2s0";
        String type = random.nextInt(3) == 0 ? "vfio-pci" : "netdevice";
        String mtu = random.nextInt(3) == 0 ? "\nmtu: " + (1400 + random.nextInt(101)) : "";
        stack.apply(
            policy(
                "chaos",
                NODE,
                "{pfNames: [" + pf + "]}",
                "numVfs: " + vfs + "\ndeviceType: " + type + mtu));
        // Not every change is waited for: the next one meets it half done.
        if (random.nextInt(3) != 0) {
          stack.awaitSucceeded(NODE, pf, vfs);
          if (random.nextBoolean()) {
            String name = "chaos-" + change;
            stack.apply(pod(name, NODE, "chaos", type.equals("netdevice") ? "chaos" : ""));
          }
        }
      }
      eventually(
          180, () -> assertThat(stack.state(NODE, "{.status.syncStatus}")).isEqualTo("Succeeded"));
      assertThat(watch.runs()).isTrue();
      assertThat(watch.seen()).isEmpty();
    }
  }

  private static String policyOnBoth(int vfs) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetworkNodePolicy
    metadata: {name: roll, namespace: %s}
    spec:
      resourceName: roll
      nodeSelector: {node-role.kubernetes.io/worker: ""}
      nicSelector: {pfNames: [enp1s0]}
      numVfs: %d
    """
        .formatted(NAMESPACE, vfs);
  }

  private static String bystander(String node) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: bystander-%1$s, namespace: default, labels: {lab-test: bystander}}
    spec:
      nodeName: %1$s
      terminationGracePeriodSeconds: 1
      containers:
      - {name: main, image: "localhost/lab-tools:dev", imagePullPolicy: Never, command: [sleep, infinity]}
    """
        .formatted(node);
  }

  private static final String HOLDERS =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: holders, namespace: default, labels: {lab-test: holder}}
      spec:
        replicas: 2
        selector: {matchLabels: {lab-test: holder}}
        template:
          metadata:
            labels: {lab-test: holder}
            annotations: {k8s.v1.cni.cncf.io/networks: roll}
          spec:
            terminationGracePeriodSeconds: 1
            topologySpreadConstraints:
            - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {lab-test: holder}}}
            containers:
            - name: main
              image: localhost/lab-tools:dev
              imagePullPolicy: Never
              command: [sleep, infinity]
              resources:
                requests: {openshift.io/roll: "1"}
                limits: {openshift.io/roll: "1"}
      """;

  private static final String BUDGET =
      """
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: holders, namespace: default, labels: {lab-test: holder}}
      spec: {minAvailable: 2, selector: {matchLabels: {lab-test: holder}}}
      """;

  private static String uids(String label) {
    return stack
        .lab()
        .kubectl(
            "-n",
            "default",
            "get",
            "pods",
            "-l",
            "lab-test=" + label,
            "--sort-by=.metadata.name",
            "-o",
            "jsonpath={.items[*].metadata.uid}");
  }

  private static String states() {
    return stack.states("{.items[*]." + DRAIN.substring(2));
  }

  private static String cordoned(String node) {
    return stack.node(node, "{.spec.unschedulable}");
  }

  private static void killOperator() {
    stack
        .lab()
        .kubectl(
            "-n",
            NAMESPACE,
            "delete",
            "pod",
            "-l",
            "name=sriov-network-operator",
            "--force",
            "--grace-period=0",
            "--wait");
  }
}
