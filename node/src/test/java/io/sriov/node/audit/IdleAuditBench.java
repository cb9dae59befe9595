package io.sriov.node.audit;

import com.sun.management.OperatingSystemMXBean;
import io.fabric8.kubernetes.api.model.Condition;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.kubelet.FakeKubelet;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.node.host.Host;
import io.sriov.node.host.TreeHost;
import io.sriov.node.reconcile.KubeletPods;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a look of the auditor costs that reads the host for itself and finds nothing new: time of
 * all processors, the kubelet's side of its socket included. Two PFs with seven VFs each, every VF
 * with a pod and a state file.
 */
public final class IdleAuditBench {

  private static final int WARM_UP = 2000;
  private static final int LOOKS = 400;
  private static final double MOST_MILLISECONDS = 5;

  private IdleAuditBench() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("idle-audit");
    double cpu;
    try {
      cpu = run(folder);
    } finally {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    System.out.printf("a look of the VF auditor that finds nothing new: %.2f ms CPU%n", cpu);
    System.exit(cpu < MOST_MILLISECONDS ? 0 : 1);
  }

  private static double run(Path folder) throws Exception {
    Host host = TreeHost.with(folder, 2, 7);
    Path root = folder.resolve("root");
    Path states = Files.createDirectories(root.resolve("var/lib/cni/sriov"));
    try (var grpc = new UnixGrpc();
        var kubelet = new FakeKubelet(folder).start()) {
      int pod = 0;
      for (var pf : host.inventory().pfs()) {
        for (var vf : pf.vfs()) {
          pod++;
          kubelet.hold("pod" + pod, "openshift.io/nic", vf.pci().value());
          Files.writeString(
              states.resolve("c" + pod + "-net1"),
              "{\"deviceID\":\"" + vf.pci() + "\",\"OrigVfState\":{\"HostIFName\":\"v\"}}");
        }
      }
      var inquiry =
          new Inquiry(
              host,
              new KubeletPods(new PodResources(grpc, kubelet.sockets.podResources()))::all,
              new StateFileReader(root, _ -> true));
      var told = new Told();
      var auditor =
          new Auditor(
              inquiry,
              new Mender(host, inquiry, _ -> {}, root),
              wanted(),
              _ -> Optional.empty(),
              told,
              new AuditMetrics(new PrometheusRegistry()),
              Clock.systemUTC());
      looks(auditor, WARM_UP);
      var os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long before = os.getProcessCpuTime();
      looks(auditor, LOOKS);
      double cpu = (os.getProcessCpuTime() - before) / 1e6 / LOOKS;
      if (told.conditions.size() != 1 || told.events > 0) {
        throw new IllegalStateException("not idle: " + told.conditions);
      }
      return cpu;
    }
  }

  private static void looks(Auditor auditor, int count) {
    for (int i = 0; i < count; i++) {
      var unused = auditor.look(Cadence.Wake.TIME);
    }
  }

  private static final class Told implements Voice {

    final Set<Condition> conditions = new HashSet<>();
    int events;

    @Override
    public void report(SriovNetworkNodeState state, Condition condition) {
      conditions.add(condition);
    }

    @Override
    public void warning(SriovNetworkNodeState state, String reason, String note) {
      events++;
    }

    @Override
    public void normal(SriovNetworkNodeState state, String reason, String note) {
      events++;
    }
  }

  private static Wanted wanted() {
    return new Wanted(
        1,
        IntStream.range(0, 2)
            .mapToObj(pf ->
                new Interface(
                    TreeHost.address(pf),
                    7,
                    0,
                    null,
                    null,
                    null,
                    false,
                    List.of(new VfGroup("nic", null, "0-6", "p", 0, false, null))))
            .toList());
  }
}
