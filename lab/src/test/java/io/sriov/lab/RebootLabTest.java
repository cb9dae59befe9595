package io.sriov.lab;

import static io.sriov.lab.Manifests.policy;
import static io.sriov.lab.Stack.NAMESPACE;
import static io.sriov.lab.Stack.NODE;
import static io.sriov.lab.Stack.PF;
import static io.sriov.lab.Stack.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes that the running kernel cannot have, on nodes that really reboot. */
@InLab
class RebootLabTest {

  private static final String LOAD = "/etc/modules-load.d/lab-rdma.conf";

  private static Stack stack;

  @BeforeAll
  static void install() {
    stack = Stack.installed();
  }

  @AfterEach
  void cleanUp() {
    for (String node : stack.nodesOfLane()) {
      stack.onNode(
          node,
          "systemctl disable --quiet lab-boots 2>/dev/null; rm -f " + LOAD + " /var/lib/lab-boots");
    }
    stack.cleanUp();
  }

  // What waits for the reboot of a node is the operator, which may have to move to the other node
  // for it.
  @Test
  @Tag(InLab.WHOLE)
  void aKernelArgumentRebootsItsNodeOnceAndItsVfsComeBack() {
    stack.apply(policy("reboot", NODE, "{pfNames: [enp1s0]}", "numVfs: 2"));
    stack.awaitSucceeded(NODE, PF, 2);

    rebootsOnce(List.of(NODE));

    stack.awaitSucceeded(NODE, PF, 2);
    eventually(90, () -> assertThat(stack.allocatable(NODE, "reboot")).isEqualTo("2"));
  }

  @Test
  @Tag(InLab.WHOLE)
  @Tag("soak")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aKernelArgumentRebootsEachNodeOnce() {
    rebootsOnce(stack.nodes());
  }

  /** The RDMA mode is a module's option and a kernel argument: set, and taken away again. */
  private static void rebootsOnce(List<String> nodes) {
    for (String node : nodes) {
      stack.onNode(node, "echo ib_core >" + LOAD + "; modprobe ib_core");
      eventually(
          60, () -> assertThat(stack.state(node, "{.status.system.rdmaMode}")).isEqualTo("shared"));
    }
    nodes.forEach(RebootLabTest::countBoots);

    stack.apply(pool(nodes));
    for (String node : nodes) {
      awaitBoot(node, 2, "exclusive");
      assertThat(stack.onNode(node, "cat /proc/cmdline")).contains("ib_core.netns_mode=0");
    }

    stack.delete(pool(nodes));
    for (String node : nodes) {
      awaitBoot(node, 3, "shared");
      assertThat(stack.onNode(node, "cat /proc/cmdline")).doesNotContain("netns_mode");
    }
  }

  private static void awaitBoot(String node, int boot, String rdmaMode) {
    eventually(
        240,
        () -> {
          assertThat(
                  stack.state(
                      node,
                      "{.status.syncStatus} {.status.system.rdmaMode}"
                          + " {.metadata.annotations.sriovnetwork\\.openshift\\.io/current-state}"))
              .isEqualTo("Succeeded " + rdmaMode + " Idle");
          assertThat(stack.node(node, "{.spec.unschedulable}")).isEmpty();
        });
    assertThat(boots(node)).isEqualTo(boot);
  }

  /** Boots since {@link #countBoots}, that one included. */
  private static int boots(String node) {
    return Integer.parseInt(stack.onNode(node, "wc -l </var/lib/lab-boots"));
  }

  private static void countBoots(String node) {
    stack.onNode(
        node,
        """
        rm -f /var/lib/lab-boots
        cat >/etc/systemd/system/lab-boots.service <<'END'
        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/bin/sh -c "cat /proc/sys/kernel/random/boot_id >>/var/lib/lab-boots"
        [Install]
        WantedBy=multi-user.target
        END
        systemctl daemon-reload
        systemctl enable --quiet lab-boots
        systemctl restart lab-boots
        """);
  }

  private static String pool(List<String> nodes) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetworkPoolConfig
    metadata: {name: rdma, namespace: %s, labels: {%s}}
    spec:
      nodeSelector: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: %s}]}
      maxUnavailable: 1
      rdmaMode: exclusive
    """
        .formatted(NAMESPACE, Stack.LANE_LABEL, nodes);
  }
}
