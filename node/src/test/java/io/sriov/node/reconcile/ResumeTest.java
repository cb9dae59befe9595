package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.api.Names;
import io.sriov.lab.ApiServer;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A daemon that starts in whatever state the one before was killed, next to a drainer. */
class ResumeTest {

  private static final PciAddress PF = new PciAddress("0000:04:00.0");
  private static final String WEB = "default/web";

  /**
   * What a daemon finds.
   *
   * @param node the Node's request: it is written first
   */
  record Found(String node, String desired, String current, boolean pod, boolean reboot) {}

  static Stream<Found> states() {
    return Stream.of(
        new Found("Drain_Required", "Idle", "Idle", true, false),
        new Found("Drain_Required", "Drain_Required", "Idle", true, false),
        new Found("Drain_Required", "Drain_Required", "Draining", true, false),
        new Found("Drain_Required", "Drain_Required", "DrainComplete", true, false),
        new Found("Drain_Required", "Drain_Required", "DrainComplete", false, false),
        new Found("Idle", "Drain_Required", "DrainComplete", false, false),
        new Found("Idle", "Idle", "DrainComplete", true, false),
        new Found("Idle", "Idle", "Draining", true, false),
        new Found("Drain_Required", "Idle", "Idle", false, false),
        new Found("Drain_Required", "Drain_Required", "Draining", true, true),
        new Found("Idle", "Drain_Required", "Draining", true, true),
        new Found("Reboot_Required", "Reboot_Required", "Idle", true, true),
        new Found("Reboot_Required", "Reboot_Required", "Draining", true, true),
        new Found("Reboot_Required", "Reboot_Required", "DrainComplete", false, true),
        new Found("Reboot_Required", "Reboot_Required", "DrainComplete", false, false));
  }

  @TempDir Path folder;
  private final Cluster cluster = new Cluster(ApiServer.shared());
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);
  private final SimulatedKubelet kubelet = new SimulatedKubelet();
  private final SimulatedMachine machine = new SimulatedMachine(host);
  private RunningDaemon daemon;

  @AfterEach
  void stop() throws InterruptedException {
    daemon.close();
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
                false));
  }

  /** One look of a drainer (spec 02 §5.2); whether the node is done with. */
  private boolean drained() {
    String request = cluster.request();
    var annotations = cluster.state().getMetadata().getAnnotations();
    String current = annotations.get(Names.CURRENT_STATE);
    if (request.equals(Names.IDLE)) {
      if (!current.equals(Names.IDLE)) {
        cluster.current(Names.IDLE);
        return false;
      }
      return cluster.desired().equals(Names.IDLE) && cluster.syncStatus().equals("Succeeded");
    }
    if (current.equals(Names.IDLE)) {
      cluster.current(Names.DRAINING);
    } else if (current.equals(Names.DRAINING)) {
      kubelet.ends(WEB);
      cluster.current(Names.DRAIN_COMPLETE);
    } else if (request.equals(Names.DRAIN_REQUIRED) && !kubelet.pods().isEmpty()) {
      cluster.current(Names.DRAINING);
    }
    return false;
  }

  @ParameterizedTest
  @MethodSource("states")
  void comesToTheSameEnd(Found found) throws Exception {
    host.addPf(PF.value()).iommu = false;
    kernel.booted(machine::facts);
    start();
    cluster.wantIdle("{pciAddress: '" + PF + "', numVfs: 2, vfGroups: [{vfRange: 0-1}]}");
    cluster.awaitStatus("Succeeded");
    daemon.close();

    if (found.pod()) {
      PciAddress vf = host.pf(PF.value()).vfs.get(1).pci;
      kubelet.starts(WEB, vf);
      // Whenever VFs go, the pod must have gone before.
      kernel.before(
          "numvfs " + PF + " 0", () -> assertThat(kubelet.held(vf)).as("VF in use").isFalse());
    }
    String type = found.reboot() ? "vfio-pci" : "netdevice";
    cluster.want(
        "{pciAddress: '%s', numVfs: 3, vfGroups: [{vfRange: 0-2, deviceType: %s}]}"
            .formatted(PF, type));
    cluster.annotateNode(Names.NODE_STATE, found.node());
    cluster.annotate(Names.DESIRED_STATE, found.desired());
    cluster.current(found.current());

    start();
    // The last status is of the state before.
    await()
        .atMost(60, SECONDS)
        .until(() ->
            !cluster.syncStatus().equals("Succeeded")
                || !kernel.writes().isEmpty()
                    && cluster.state().getStatus().interfaces().getFirst().numVfs() == 3);
    await()
        .atMost(60, SECONDS)
        .pollInterval(100, java.util.concurrent.TimeUnit.MILLISECONDS)
        .until(() -> {
          if (machine.reboots() == 1 && machine.facts().id().equals("boot-1")) {
            assertThat(kubelet.pods()).isEmpty();
            daemon.close();
            machine.comesUp();
            start();
          }
          return drained() && host.numVfs(PF) == 3;
        });
    assertThat(machine.reboots()).isEqualTo(found.reboot() ? 1 : 0);
    assertThat(host.driver(PF, 0)).contains(found.reboot() ? "vfio-pci" : "igbvf");
    assertThat(List.of(cluster.request(), cluster.desired())).containsOnly(Names.IDLE);
  }
}
