package io.sriov.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.lab.ApiServer;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.plan.node.SimulatedHost.SimPf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A daemon on a simulated host, pods that come and go, and somebody who cannot make up his mind.
 * The host itself throws when a VF that a pod holds is destroyed or unbound, whoever asks for it.
 */
class RandomChangesTest {

  private static final int CHANGES = 300;
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final List<String> PFS = List.of("0000:04:00.0", "0000:05:00.0");

  @TempDir Path folder;
  private final Random random = new Random(20261124);
  private final Cluster cluster = new Cluster(ApiServer.shared());
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);
  private final SimulatedKubelet kubelet = new SimulatedKubelet();
  private final Map<String, PciAddress> pods = new TreeMap<>();
  private int drains;

  @Test
  void threeHundredChangesEndInSyncAndTakeNoVfFromAPod() throws Exception {
    PFS.forEach(host::addPf);
    host.loadModule("vfio_pci");
    try (var unused =
        new RunningDaemon(ApiServer.shared(), cluster.namespace, kernel, kubelet, folder)) {
      cluster.wantIdle("");
      String wanted = "";
      for (int change = 0; change < CHANGES; change++) {
        wanted = String.join(", ", PFS.stream().map(this::wish).filter(w -> !w.isEmpty()).toList());
        cluster.want(wanted);
        // Not every change is waited for: the next one meets it half done.
        if (random.nextInt(4) != 0) {
          settle();
          startPods(change);
        }
      }
      settle();
      assertThat(cluster.lastSyncError()).isEmpty();
    } finally {
      cluster.client.close();
    }
    assertThat(host.takenFromPods()).isEmpty();
    // Otherwise nothing was at stake.
    assertThat(drains).isGreaterThan(CHANGES / 10);
  }

  /** What is wanted of one PF; empty for nothing. */
  private String wish(String pf) {
    int vfs = random.nextInt(8);
    if (vfs == 0) {
      return "";
    }
    int first = random.nextInt(vfs);
    var groups = new ArrayList<String>();
    if (first > 0) {
      groups.add("{vfRange: 0-" + (first - 1) + ", deviceType: netdevice" + mtu() + "}");
    }
    String type = random.nextInt(3) == 0 ? "vfio-pci" : "netdevice" + mtu();
    groups.add("{vfRange: " + first + "-" + (vfs - 1) + ", deviceType: " + type + "}");
    return "{pciAddress: '%s', numVfs: %d, mtu: 1500, vfGroups: %s}".formatted(pf, vfs, groups);
  }

  private String mtu() {
    return random.nextInt(4) == 0 ? ", mtu: " + (1400 + random.nextInt(3) * 50) : "";
  }

  /** The scheduler and the kubelet give some of the free VFs away. */
  private void startPods(int change) {
    for (String pf : PFS) {
      SimPf card = host.pf(pf);
      for (int vf = 0; vf < host.presentVfs(card.pci); vf++) {
        PciAddress pci = host.vf(card.pci, vf);
        if (random.nextInt(5) == 0 && !kubelet.held(pci)) {
          String pod = "default/p" + change + "-" + pf.charAt(6) + vf;
          pods.put(pod, pci);
          kubelet.starts(pod, pci);
          host.use(pci, pod);
        }
      }
    }
  }

  private void end(String pod) {
    kubelet.ends(pod);
    pods.remove(pod);
    host.release();
    pods.forEach((name, vf) -> host.use(vf, name));
  }

  /** Plays the operator until the node is as it shall be and nobody wants anything of anybody. */
  private void settle() {
    long limit = System.nanoTime() + PATIENCE_NANOS;
    while (!(drained() && inSync())) {
      assertThat(System.nanoTime() - limit)
          .as(() ->
              cluster.syncStatus()
                  + ": "
                  + cluster.lastSyncError()
                  + " of "
                  + cluster.state().getSpec())
          .isNegative();
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** One step of the drainer; whether it has nothing to do. */
  private boolean drained() {
    String request = cluster.request();
    SriovNetworkNodeState state = cluster.state();
    Map<String, String> annotations = state.getMetadata().getAnnotations();
    String current = annotations.get(Names.CURRENT_STATE);
    if (Names.IDLE.equals(request)) {
      if (!Names.IDLE.equals(current)) {
        cluster.current(Names.IDLE);
        return false;
      }
      return true;
    }
    assertThat(request).isEqualTo(Names.DRAIN_REQUIRED);
    if (!request.equals(annotations.get(Names.DESIRED_STATE))) {
      return false;
    }
    String named = annotations.getOrDefault(Names.DRAIN_PODS, "[]");
    List<String> leaving =
        pods.keySet().stream().filter(pod -> named.contains('"' + pod + '"')).toList();
    if (Names.IDLE.equals(current)) {
      drains++;
      cluster.current(Names.DRAINING);
    } else if (Names.DRAINING.equals(current)) {
      leaving.forEach(this::end);
      cluster.current(Names.DRAIN_COMPLETE);
    } else if (!leaving.isEmpty()) {
      // Drained for what was wanted before; now it is more.
      cluster.current(Names.DRAINING);
    }
    return false;
  }

  private boolean inSync() {
    SriovNetworkNodeState state = cluster.state();
    var status = state.getStatus();
    return status != null
        && "Succeeded".equals(status.syncStatus())
        && status.conditions().stream()
            .anyMatch(c ->
                c.getType().equals("Ready")
                    && c.getStatus().equals("True")
                    && c.getObservedGeneration().equals(state.getMetadata().getGeneration()));
  }
}
