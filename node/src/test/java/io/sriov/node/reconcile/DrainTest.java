package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.sriov.api.Names;
import io.sriov.lab.ApiServer;
import io.sriov.linux.Errno;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's side of drains and reboots against a real API server; the test is the drainer. */
class DrainTest {

  private static final String PF = "0000:04:00.0";
  private static final String OTHER = "0000:05:00.0";
  private static final String WEB = "default/web";

  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  @TempDir Path folder;
  private final Cluster cluster = new Cluster(ApiServer.shared());
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);
  private final SimulatedKubelet kubelet = new SimulatedKubelet();
  private final SimulatedMachine machine = new SimulatedMachine(host);
  private boolean externalDrainer;
  private RunningDaemon daemon;

  @BeforeEach
  void pfs() {
    host.addPf(PF).iommu = false;
    host.addPf(OTHER).iommu = false;
    kernel.booted(machine::facts);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (daemon != null) {
      daemon.close();
    }
    cluster.client.close();
  }

  private void start() {
    daemon =
        new RunningDaemon(
            new RunningDaemon.Start(
                ApiServer.shared().kubeconfig(),
                cluster.namespace,
                kernel,
                kubelet,
                folder,
                machine::carryOut,
                machine::reboot,
                externalDrainer));
  }

  private void restart() throws InterruptedException {
    daemon.close();
    start();
  }

  private static String vfs(String pf, int count, String type) {
    return "{pciAddress: '%s', numVfs: %d, vfGroups: [{vfRange: 0-%d, deviceType: %s}]}"
        .formatted(pf, count, count - 1, type);
  }

  private static String vfs(int count) {
    return vfs(PF, count, "netdevice");
  }

  /** A node with two VFs on its first PF, the second held by a pod. */
  private void configuredWithPod(String pod) {
    start();
    cluster.want(vfs(2));
    cluster.awaitStatus("Succeeded");
    cluster.idle();
    kubelet.starts(pod, vf(1));
  }

  private PciAddress vf(int id) {
    return host.pf(PF).vfs.get(id).pci;
  }

  private int numVfs() {
    return host.numVfs(host.pf(PF).pci);
  }

  /** A pod in the cluster, whose VF the kubelet lists. */
  private void pod(String name, Map<String, String> annotations, String ownerKind) {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(cluster.namespace)
            .withName(name)
            .withAnnotations(annotations)
            .endMetadata()
            .withNewSpec()
            .withNodeName(Cluster.NODE)
            .addNewContainer()
            .withName("main")
            .withImage("none")
            .endContainer()
            .endSpec()
            .build();
    if (!ownerKind.isEmpty()) {
      pod.getMetadata()
          .setOwnerReferences(
              List.of(
                  new OwnerReferenceBuilder()
                      .withApiVersion("apps/v1")
                      .withKind(ownerKind)
                      .withName("owner")
                      .withUid("u")
                      .withController(true)
                      .build()));
    }
    Pod unused = cluster.client.resource(pod).create();
  }

  @Test
  @Spec(value = "03:R8", differs = "only because a pod holds one of the VFs; the pods are named")
  @Spec("03:R9")
  void asksForADrainOfThePodsThatHoldVfsAndGoesOnWhenItIsComplete() {
    configuredWithPod(WEB);
    int writes = kernel.writes().size();
    cluster.want("");
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(cluster.drainPods()).isEqualTo("[\"default/web\"]");
    assertThat(cluster.awaitCondition("VFsInUse").getMessage()).contains(WEB);
    assertThat(cluster.awaitCondition("Progressing").getReason()).isEqualTo("WaitingForDrain");
    assertThat(cluster.syncStatus()).isEqualTo("InProgress");

    cluster.current(Names.DRAINING);
    await()
        .atMost(60, SECONDS)
        .until(() ->
            cluster
                .condition("Progressing")
                .filter(c -> c.getReason().equals("Draining"))
                .isPresent());
    assertThat(kernel.writes()).hasSize(writes);

    kubelet.ends(WEB);
    cluster.current(Names.DRAIN_COMPLETE);
    cluster.awaitRequest(Names.IDLE);
    cluster.awaitStatus("Succeeded");
    assertThat(numVfs()).isZero();
    assertThat(cluster.drainPods()).isNull();
    assertThat(cluster.condition("Progressing")).isEmpty();
    assertThat(cluster.condition("VFsInUse")).isEmpty();
  }

  @Test
  void drainsNobodyForWhatNoPodNotices() {
    configuredWithPod(WEB);
    cluster.want(vfs(2) + ", " + vfs(OTHER, 3, "netdevice"));
    await().atMost(60, SECONDS).until(() -> host.numVfs(host.pf(OTHER).pci) == 3);
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.request()).isEqualTo(Names.IDLE);
    assertThat(cluster.desired()).isEqualTo(Names.IDLE);
  }

  @Test
  void configuresOtherPfsWhileOneWaitsForItsPods() {
    configuredWithPod(WEB);
    cluster.want(vfs(4) + ", " + vfs(OTHER, 3, "netdevice"));
    await().atMost(60, SECONDS).until(() -> host.numVfs(host.pf(OTHER).pci) == 3);
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(numVfs()).isEqualTo(2);
  }

  @Test
  @Spec(value = "03:R16", differs = "the request is taken back instead of being let run to its end")
  void takesBackADrainThatRunsAndIsNotNeededAnyMore() {
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.current(Names.DRAINING);
    int writes = kernel.writes().size();
    cluster.want(vfs(2));
    cluster.awaitRequest(Names.IDLE);
    assertThat(cluster.drainPods()).isNull();
    assertThat(cluster.syncStatus()).isEqualTo("InProgress");
    cluster.current(Names.IDLE);
    cluster.awaitStatus("Succeeded");
    assertThat(kernel.writes()).hasSize(writes);
  }

  /** The wish goes while no daemon runs, in every state a drain can have then. */
  @ParameterizedTest
  @ValueSource(strings = {Names.IDLE, Names.DRAINING, Names.DRAIN_COMPLETE})
  void takesBackWhatAnEarlierDaemonAskedForAndNobodyNeedsNow(String current) throws Exception {
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.current(current);
    daemon.close();
    cluster.want(vfs(2));
    start();
    cluster.awaitRequest(Names.IDLE);
    cluster.current(Names.IDLE);
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.drainPods()).isNull();
    assertThat(numVfs()).isEqualTo(2);
  }

  @Test
  void takesBackARequestThatNobodyHasBegunToServe() {
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.want(vfs(2));
    cluster.awaitRequest(Names.IDLE);
    cluster.awaitStatus("Succeeded");
  }

  @Test
  @Spec("03:R11")
  @Spec("02:155")
  void turnsARunningDrainOfSomePodsIntoAFullOneByWayOfIdle() {
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.current(Names.DRAINING);
    cluster.want(vfs(PF, 3, "vfio-pci"));
    cluster.awaitRequest(Names.IDLE);
    assertThat(cluster.drainPods()).isNull();
    assertThat(cluster.condition("Progressing").orElseThrow().getReason()).isEqualTo("DrainEnding");
    cluster.current(Names.IDLE);
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
    assertThat(numVfs()).isEqualTo(2);
    assertThat(machine.reboots()).isZero();
  }

  @Test
  @Spec("03:R12")
  @Spec("02:157")
  void doesNotRebootAfterADrainOfSomePods() throws Exception {
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    int writes = kernel.writes().size();
    daemon.close();
    kubelet.ends(WEB);
    cluster.current(Names.DRAIN_COMPLETE);
    cluster.want(vfs(PF, 3, "vfio-pci"));
    start();
    cluster.awaitRequest(Names.IDLE);
    cluster.current(Names.IDLE);
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
    assertThat(kernel.writes()).hasSize(writes);
    assertThat(machine.reboots()).isZero();
  }

  @Test
  @Spec("03:R23")
  @Spec("03:R25")
  void rebootsAfterTheDrainAndEndsItAfterTheReboot() throws Exception {
    configuredWithPod(WEB);
    cluster.want(vfs(PF, 2, "vfio-pci"));
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
    assertThat(cluster.drainPods()).isNull();
    assertThat(machine.done()).containsExactly("add intel_iommu=on", "add iommu=pt");
    int writes = kernel.writes().size();
    cluster.current(Names.DRAINING);
    kubelet.ends(WEB);
    cluster.current(Names.DRAIN_COMPLETE);

    await().atMost(60, SECONDS).until(() -> machine.reboots() == 1);
    await()
        .atMost(60, SECONDS)
        .until(
            () -> cluster.events("RebootNode").equals(List.of("Reboot node has been initiated")));
    assertThat(kernel.writes()).hasSize(writes);
    assertThat(cluster.request()).isEqualTo(Names.REBOOT_REQUIRED);
    assertThat(cluster.desired()).isEqualTo(Names.REBOOT_REQUIRED);
    assertThat(cluster.syncStatus()).isEqualTo("InProgress");

    // Until the machine goes down, nothing more; a daemon started meanwhile knows.
    daemon.reconciler.kernelChanged();
    restart();
    await()
        .atMost(60, SECONDS)
        .until(() ->
            cluster
                .condition("Progressing")
                .filter(c -> c.getReason().equals("Rebooting"))
                .isPresent());
    assertThat(machine.reboots()).isEqualTo(1);

    machine.comesUp();
    restart();
    cluster.awaitRequest(Names.IDLE);
    cluster.awaitStatus("Succeeded");
    assertThat(host.driver(host.pf(PF).pci, 0)).contains("vfio-pci");
    assertThat(machine.reboots()).isEqualTo(1);
  }

  @Test
  @Spec("03:R24")
  void triesAgainWhenTheRebootCannotBeTriggered() {
    machine.refusing("systemd-run ended with code 1: Connection timed out");
    start();
    cluster.wantIdle(vfs(PF, 2, "vfio-pci"));
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
    cluster.current(Names.DRAIN_COMPLETE);
    cluster.awaitStatus("Failed");
    assertThat(cluster.lastSyncError())
        .contains("cannot be rebooted", "Connection timed out", "reboot it yourself");
    machine.refusing(null);
    await().atMost(60, SECONDS).until(() -> machine.reboots() == 1);
    assertThat(folder.resolve("host/etc/sriov-operator/reboots.json"))
        .content()
        .contains("\"reboots\":1");
  }

  @Test
  void stopsRebootingWhenTheArgumentNeverComes() throws Exception {
    machine.forgetful();
    start();
    cluster.wantIdle(vfs(PF, 2, "vfio-pci"));
    for (int reboot = 1; reboot <= 3; reboot++) {
      cluster.awaitRequest(Names.REBOOT_REQUIRED);
      cluster.current(Names.DRAIN_COMPLETE);
      int wanted = reboot;
      await().atMost(60, SECONDS).until(() -> machine.reboots() == wanted);
      daemon.close();
      machine.comesUp();
      start();
    }
    var loop = cluster.awaitCondition("RebootLoop");
    assertThat(loop.getMessage()).contains("rebooted 3 times", "intel_iommu=on");
    cluster.awaitStatus("Failed");
    // The node is given back, pods may return.
    cluster.awaitRequest(Names.IDLE);
    assertThat(machine.reboots()).isEqualTo(3);

    Files.delete(folder.resolve("host/etc/sriov-operator/reboots.json"));
    daemon.reconciler.kernelChanged();
    cluster.current(Names.IDLE);
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
    // The request goes out before the status.
    await().atMost(10, SECONDS).until(() -> cluster.condition("RebootLoop").isEmpty());
  }

  @Test
  void neverRebootsWhereTheAdministratorWantsToDoItHimself() throws Exception {
    cluster.operatorConfig("rebootPolicy: report");
    start();
    cluster.wantIdle(vfs(PF, 2, "vfio-pci") + ", " + vfs(OTHER, 1, "netdevice"));
    assertThat(cluster.awaitCondition("RebootRequired").getMessage())
        .contains("drain and reboot the node", "intel_iommu=on");
    await().atMost(60, SECONDS).until(() -> host.numVfs(host.pf(OTHER).pci) == 1);
    assertThat(cluster.syncStatus()).isEqualTo("InProgress");
    assertThat(cluster.desired()).isEqualTo(Names.IDLE);

    // He does.
    daemon.close();
    machine.comesUp();
    start();
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.condition("RebootRequired")).isEmpty();
    assertThat(machine.reboots()).isZero();
  }

  @Test
  void theNodesOwnRebootPolicyWins() {
    cluster.annotateNode(Names.REBOOT_POLICY, "report");
    start();
    cluster.wantIdle(vfs(PF, 2, "vfio-pci"));
    assertThat(cluster.awaitCondition("RebootRequired").getStatus()).isEqualTo("True");
    assertThat(cluster.desired()).isEqualTo(Names.IDLE);

    cluster.annotateNode(Names.REBOOT_POLICY, null);
    // Read again with the next change of what drainer and node say, or after 30 s.
    cluster.annotate(Names.CURRENT_STATE, "");
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
  }

  @Test
  @Spec("03:R17")
  @Spec("02:158")
  void takesVfsFromNamedPodsWhereDrainsAreDisabled() {
    cluster.operatorConfig("disableDrain: true");
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    await().atMost(60, SECONDS).until(() -> numVfs() == 3);
    cluster.awaitStatus("Succeeded");
    assertThat(List.of(cluster.request(), cluster.desired())).containsOnly(Names.IDLE);
    await().atMost(60, SECONDS).until(() -> !cluster.events("PodsKept").isEmpty());
    assertThat(cluster.events("PodsKept"))
        .containsExactly(
            "VFs are taken from running pods, as disableDrain is set: default/web; 0000:04:00.0: 2"
                + " VFs exist, wanted 3");
  }

  @Test
  @Spec("03:R30")
  void followsTheOperatorsConfigurationWithoutARestart() {
    cluster.operatorConfig("disableDrain: false\nlogLevel: 1");
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(numVfs()).isEqualTo(2);
    assertThat(log.isTraceEnabled()).isFalse();

    cluster.operatorConfig("disableDrain: true\nlogLevel: 2");
    await().atMost(60, SECONDS).until(() -> numVfs() == 3);
    cluster.awaitRequest(Names.IDLE);
    assertThat(log.isTraceEnabled()).isTrue();
    cluster.operatorConfig("logLevel: 0");
    await().atMost(60, SECONDS).until(() -> !log.isTraceEnabled());

    // Without the key, too, draining is on again.
    cluster.want(vfs(4));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(numVfs()).isEqualTo(3);
  }

  @Test
  @Spec("03:R31")
  void doesNothingWhenAGateChangesThatItIsStartedWith() {
    cluster.operatorConfig("disableDrain: false");
    configuredWithPod(WEB);
    int writes = kernel.writes().size();
    String version = cluster.state().getMetadata().getResourceVersion();
    cluster.operatorConfig("featureGates:\n  parallelNicConfig: true\ndisableDrain: true");
    await()
        .atMost(60, SECONDS)
        .until(() -> Boolean.TRUE.equals(daemon.view().operatorConfig().disableDrain()));
    assertThat(kernel.writes()).hasSize(writes);
    assertThat(cluster.state().getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  void waitsDuringAHoldThoughDrainsAreDisabled() {
    cluster.operatorConfig("disableDrain: true");
    configuredWithPod(WEB);
    cluster.annotate(Names.HOLD, "pool infra is paused");
    cluster.want(vfs(3));
    var progressing = cluster.awaitCondition("Progressing");
    assertThat(progressing.getReason()).isEqualTo("Held");
    assertThat(progressing.getMessage()).contains("pool infra is paused");
    assertThat(numVfs()).isEqualTo(2);
    cluster.annotate(Names.HOLD, null);
    await().atMost(60, SECONDS).until(() -> numVfs() == 3);
  }

  @Test
  void takesVfsFromPodsOfDaemonSetsAndStaticPodsAfterTheDrain() {
    pod("ds", Map.of(), "DaemonSet");
    pod("static", Map.of("kubernetes.io/config.mirror", "x"), "");
    pod("web", Map.of(), "ReplicaSet");
    String ns = cluster.namespace + "/";
    configuredWithPod(ns + "ds");
    kubelet.starts(ns + "static", vf(0));
    kubelet.starts(ns + "web", vf(0));
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(cluster.drainPods())
        .isEqualTo("[\"%1$sds\",\"%1$sstatic\",\"%1$sweb\"]".formatted(ns));

    // A drain may say so too early.
    cluster.current(Names.DRAIN_COMPLETE);
    await()
        .atMost(60, SECONDS)
        .until(() ->
            cluster
                .condition("Progressing")
                .filter(c -> c.getMessage().contains("pods hold VFs: " + ns + "web"))
                .isPresent());
    assertThat(numVfs()).isEqualTo(2);

    kubelet.ends(ns + "web");
    await().atMost(60, SECONDS).until(() -> numVfs() == 3);
    cluster.awaitRequest(Names.IDLE);
    await().atMost(60, SECONDS).until(() -> !cluster.events("PodsKept").isEmpty());
    assertThat(cluster.events("PodsKept").getFirst())
        .contains(ns + "ds (of DaemonSet owner)", ns + "static (a static pod)")
        .doesNotContain("web");
  }

  @Test
  void namesPodsThatSlippedInAfterTheDrain() {
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    kubelet.ends(WEB);
    kubelet.starts("default/late", vf(0));
    cluster.current(Names.DRAIN_COMPLETE);
    await().atMost(60, SECONDS).until(() -> "[\"default/late\"]".equals(cluster.drainPods()));
    assertThat(cluster.desired()).isEqualTo(Names.DRAIN_REQUIRED);
    assertThat(numVfs()).isEqualTo(2);
    kubelet.ends("default/late");
    await().atMost(60, SECONDS).until(() -> numVfs() == 3);
  }

  @Test
  void sparesAPodThatGetsAVfBetweenPlanAndStep() {
    start();
    cluster.want(vfs(2));
    cluster.awaitStatus("Succeeded");
    cluster.idle();
    // The record is written right before the VFs are destroyed.
    kernel.before("record " + PF, () -> kubelet.starts(WEB, vf(0)));
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(numVfs()).isEqualTo(2);
    assertThat(cluster.awaitCondition("VFsInUse").getMessage()).contains(WEB);
    assertThat(cluster.syncStatus()).isEqualTo("InProgress");
  }

  @Test
  void waitsWhenTheDrainWasGivenUpAndSaysHowToGoOn() {
    configuredWithPod(WEB);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.annotate(
        Names.DRAIN_GIVEN_UP, cluster.state().getMetadata().getGeneration().toString());
    cluster.awaitStatus("Failed");
    assertThat(cluster.lastSyncError()).contains("given up", "drain-given-up", WEB);
    cluster.annotate(Names.DRAIN_GIVEN_UP, null);
    cluster.awaitStatus("InProgress");
    assertThat(cluster.desired()).isEqualTo(Names.DRAIN_REQUIRED);
  }

  @Test
  @Spec("02:159")
  void marksTheNodeStateForAnExternalDrainerAndNothingElse() throws Exception {
    externalDrainer = true;
    start();
    cluster.wantIdle(vfs(1));
    cluster.annotate("example.com/theirs", "x");
    await()
        .atMost(60, SECONDS)
        .until(() ->
            "true"
                .equals(
                    cluster
                        .state()
                        .getMetadata()
                        .getAnnotations()
                        .get(Names.USE_EXTERNAL_DRAINER)));
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.state().getMetadata().getAnnotations())
        .containsEntry("example.com/theirs", "x")
        .containsEntry(Names.DESIRED_STATE, Names.IDLE);

    externalDrainer = false;
    restart();
    await()
        .atMost(60, SECONDS)
        .until(() ->
            !cluster
                .state()
                .getMetadata()
                .getAnnotations()
                .containsKey(Names.USE_EXTERNAL_DRAINER));
    assertThat(cluster.state().getMetadata().getAnnotations())
        .containsEntry("example.com/theirs", "x");
  }

  @Test
  void leavesTheConditionsOfTheOperator() {
    configuredWithPod(WEB);
    var blocked =
        new ConditionBuilder()
            .withType("DrainBlocked")
            .withStatus("True")
            .withReason("PodDisruptionBudget")
            .withMessage("default/web is protected")
            .withLastTransitionTime("2026-01-01T00:00:00Z")
            .build();
    // As the watch of a node shows it late, or never, the write meets an unknown condition.
    cluster.applyConditions("operator", List.of(blocked));
    cluster.want(vfs(3));
    cluster.awaitCondition("VFsInUse");
    cluster.applyConditions("operator", List.of(blocked));
    kubelet.ends(WEB);
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.condition("DrainBlocked").orElseThrow().getMessage())
        .isEqualTo("default/web is protected");
    assertThat(cluster.condition("VFsInUse")).isEmpty();
    cluster.applyConditions("operator", List.of());
    assertThat(cluster.condition("DrainBlocked")).isEmpty();
    assertThat(cluster.condition("Ready")).isPresent();
  }

  @Test
  @Spec(value = "03:R20", differs = "the error is in the status at once; nobody has to read logs")
  void reportsAHostThatCannotBeReadAndTriesAgain() {
    start();
    cluster.want(vfs(1));
    cluster.awaitStatus("Succeeded");
    kernel.unreadable(Errno.EIO);
    cluster.want(vfs(2));
    cluster.awaitStatus("Failed");
    assertThat(cluster.lastSyncError()).contains("EIO");
    assertThat(cluster.condition("Ready").orElseThrow().getStatus()).isEqualTo("False");
    kernel.heal();
    cluster.awaitStatus("Succeeded");
  }

  @Test
  void endsTheRequestWhenThePolicyGoesDuringTheReboot() throws Exception {
    start();
    cluster.wantIdle(vfs(PF, 2, "vfio-pci"));
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
    cluster.current(Names.DRAIN_COMPLETE);
    await().atMost(60, SECONDS).until(() -> machine.reboots() == 1);
    daemon.close();
    cluster.want("");
    machine.comesUp();
    start();
    // The arguments that the last boot brought are taken back without another reboot.
    cluster.awaitRequest(Names.IDLE);
    cluster.awaitStatus("Succeeded");
    assertThat(numVfs()).isZero();
    assertThat(machine.reboots()).isEqualTo(1);
  }
}
