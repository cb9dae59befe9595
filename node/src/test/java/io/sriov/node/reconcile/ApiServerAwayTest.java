package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.lab.ApiServer;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.node.SimulatedHost;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiServerAwayTest {

  private static final String PF = "0000:04:00.0";

  @TempDir Path folder;

  @Test
  void theNodeGoesOnAndCatchesUp() throws Exception {
    var host = new SimulatedHost(new Random(1));
    var pf = host.addPf(PF);
    try (var server = ApiServer.start()) {
      var cluster = new Cluster(server);
      cluster.want("{pciAddress: '" + PF + "', numVfs: 2, vfGroups: [{vfRange: 0-1}]}");
      try (var daemon =
          new RunningDaemon(
              server,
              cluster.namespace,
              new SimulatedKernel(host),
              inventory -> host.inventory().inUse(),
              folder)) {
        cluster.awaitStatus("Succeeded");
        server.interrupt();
        host.unbind(pf.pci, 0);
        daemon.reconciler.kernelChanged();
        await().atMost(10, SECONDS).until(() -> host.driver(pf.pci, 0).isPresent());
        pf.mtu = 4000;
        daemon.reconciler.kernelChanged();

        server.resume();
        await()
            .atMost(60, SECONDS)
            .ignoreExceptions()
            .untilAsserted(() ->
                assertThat(cluster.state().getStatus().interfaces().getFirst().mtu())
                    .isEqualTo(4000));
        cluster.want("{pciAddress: '" + PF + "', numVfs: 4, vfGroups: [{vfRange: 0-3}]}");
        await().atMost(60, SECONDS).until(() -> host.numVfs(pf.pci) == 4);
        cluster.awaitStatus("Succeeded");
      } finally {
        cluster.client.close();
      }
    }
  }
}
