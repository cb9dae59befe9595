package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.api.Names;
import io.sriov.lab.ApiServer;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an API server does to a daemon, and people to its objects, in the middle of a change. */
class FaultsTest {

  private static final String PF = "0000:04:00.0";
  private static final String WEB = "default/web";

  @TempDir Path folder;
  private final Cluster cluster = new Cluster(ApiServer.shared());
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);
  private final SimulatedKubelet kubelet = new SimulatedKubelet();
  private final SimulatedMachine machine = new SimulatedMachine(host);
  private final AtomicBoolean cutting = new AtomicBoolean();
  private Cable cable;
  private Refusing refusing;
  private RunningDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    cable = new Cable(ApiServer.shared(), folder);
    refusing = new Refusing();
    host.addPf(PF).iommu = false;
    kernel.booted(machine::facts);
    daemon =
        new RunningDaemon(
            new RunningDaemon.Start(
                cable.kubeconfig(),
                cluster.namespace,
                kernel,
                inventory -> {
                  if (cutting.getAndSet(false)) {
                    cable.cut();
                  }
                  return kubelet.on(inventory);
                },
                folder,
                machine::carryOut,
                machine::reboot,
                false),
            refusing.client(cable.kubeconfig()));
  }

  @AfterEach
  void stop() throws Exception {
    daemon.close();
    cable.close();
    refusing.close();
    cluster.client.close();
  }

  private static String vfs(int count, String type) {
    return "{pciAddress: '%s', numVfs: %d, vfGroups: [{vfRange: 0-%d, deviceType: %s}]}"
        .formatted(PF, count, count - 1, type);
  }

  private static String vfs(int count) {
    return vfs(count, "netdevice");
  }

  private void configuredWithPod() {
    cluster.wantIdle(vfs(2));
    cluster.awaitStatus("Succeeded");
    kubelet.starts(WEB, host.pf(PF).vfs.get(1).pci);
  }

  private int numVfs() {
    return host.numVfs(new PciAddress(PF));
  }

  private void endsWell(int numVfs) {
    cluster.awaitRequest(Names.IDLE);
    cluster.awaitStatus("Succeeded");
    assertThat(numVfs()).isEqualTo(numVfs);
  }

  @Test
  void isAwayWhenTheDesiredStateChanges() throws Exception {
    configuredWithPod();
    cable.cut();
    cluster.want(vfs(3));
    daemon.reconciler.kernelChanged();
    cable.mend();
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(numVfs()).isEqualTo(2);
  }

  @Test
  void isAwayWhenADrainIsToBeAskedFor() throws Exception {
    configuredWithPod();
    cutting.set(true);
    cluster.want(vfs(3));
    await().atMost(60, SECONDS).untilFalse(cutting);
    await().during(1, SECONDS).atMost(30, SECONDS).until(() -> numVfs() == 2);
    assertThat(cluster.desired()).isEqualTo(Names.IDLE);
    cable.mend();
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
  }

  @Test
  void isAwayDuringTheDrainAndAtItsEnd() throws Exception {
    configuredWithPod();
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.current(Names.DRAINING);
    cable.cut();
    cluster.current(Names.DRAIN_COMPLETE);
    await().during(500, MILLISECONDS).atMost(30, SECONDS).until(() -> numVfs() == 2);
    kubelet.ends(WEB);
    cable.mend();
    endsWell(3);
  }

  @Test
  void isAwayWhenWorkIsDone() throws Exception {
    configuredWithPod();
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    kubelet.ends(WEB);
    kernel.before("numvfs " + PF + " 3", cable::cut);
    cluster.current(Names.DRAIN_COMPLETE);
    await().atMost(60, SECONDS).until(() -> numVfs() == 3);
    assertThat(cluster.desired()).isEqualTo(Names.DRAIN_REQUIRED);
    cable.mend();
    endsWell(3);
  }

  @Test
  void isAwayWhenTheNodeIsToBeRebooted() throws Exception {
    cluster.wantIdle(vfs(2, "vfio-pci"));
    cluster.awaitRequest(Names.REBOOT_REQUIRED);
    kernel.booted(() -> {
      cable.cut();
      return machine.facts();
    });
    cluster.current(Names.DRAIN_COMPLETE);
    // Whether the drain still holds cannot be known.
    await().during(1, SECONDS).atMost(30, SECONDS).until(() -> machine.reboots() == 0);
    kernel.booted(machine::facts);
    cable.mend();
    await().atMost(60, SECONDS).until(() -> machine.reboots() == 1);
  }

  @Test
  void refusesWritesForAWhile() {
    configuredWithPod();
    refusing.refuse("PATCH .*/nodes/worker1", 409, 429, 500);
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(refusing.given()).containsExactly(409, 429, 500);

    refusing.refuse("PATCH .*/sriovnetworknodestates/worker1(\\?.*)?", 500, 409);
    kubelet.ends(WEB);
    cluster.current(Names.DRAIN_COMPLETE);
    endsWell(3);
    assertThat(refusing.given()).containsExactly(409, 429, 500, 500, 409);

    refusing.refuse("PATCH .*/sriovnetworknodestates/worker1/status(\\?.*)?", 409, 429, 500);
    cluster.want(vfs(4));
    cluster.awaitStatus("Succeeded");
    await()
        .atMost(60, SECONDS)
        .until(() -> cluster.state().getStatus().interfaces().getFirst().numVfs() == 4);
    assertThat(refusing.given()).hasSize(8);
  }

  @Test
  void hasForgottenWhereTheWatchWas() throws Exception {
    configuredWithPod();
    kubelet.ends(WEB);
    refusing.refuse("GET .*sriovnetworknodestates.*watch=true.*", 410);
    cable.cut();
    cluster.want(vfs(3));
    cable.mend();
    await().atMost(60, SECONDS).until(() -> numVfs() == 3);
    assertThat(refusing.given()).containsExactly(410);
    cluster.awaitStatus("Succeeded");
  }

  @Test
  void theNodeStateIsDeletedDuringTheDrain() {
    configuredWithPod();
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.current(Names.DRAINING);
    cluster.client.resource(cluster.state()).delete();
    // The operator makes it anew, and the drain with it.
    cluster.wantIdle(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    assertThat(numVfs()).isEqualTo(2);
    kubelet.ends(WEB);
    cluster.current(Names.DRAIN_COMPLETE);
    endsWell(3);
  }

  @Test
  void somebodyEditsTheRequestDuringTheDrain() {
    configuredWithPod();
    cluster.want(vfs(3));
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.annotate(Names.DESIRED_STATE, Names.IDLE);
    cluster.awaitRequest(Names.DRAIN_REQUIRED);
    cluster.annotate(Names.DRAIN_PODS, "none");
    await().atMost(60, SECONDS).until(() -> cluster.drainPods().equals("[\"default/web\"]"));
  }

  @Test
  void somebodyElseResizesTheVfs() {
    configuredWithPod();
    kubelet.ends(WEB);
    host.writeNumVfs(new PciAddress(PF), 0);
    host.writeNumVfs(new PciAddress(PF), 5);
    daemon.reconciler.kernelChanged();
    await().atMost(60, SECONDS).until(() -> numVfs() == 2);
    endsWell(2);
    assertThat(daemon.registry.scrape(name -> name.equals("sriov_config_daemon_drift")))
        .as("drift is counted")
        .isNotEmpty();
  }
}
