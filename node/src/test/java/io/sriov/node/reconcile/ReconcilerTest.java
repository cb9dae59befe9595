package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import io.sriov.api.SriovNetworkNodeStateStatus.VirtualFunction;
import io.sriov.lab.ApiServer;
import io.sriov.linux.Errno;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.testkit.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop against a real API server; only the hardware is simulated. */
class ReconcilerTest {

  private static final String PF = "0000:04:00.0";
  private static final String OTHER = "0000:05:00.0";

  @TempDir Path folder;
  private final Cluster cluster = new Cluster(ApiServer.shared());
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);
  private RunningDaemon daemon;

  @BeforeEach
  void pf() {
    host.addPf(PF);
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
            ApiServer.shared(),
            cluster.namespace,
            kernel,
            inventory -> host.inventory().inUse(),
            folder);
  }

  private Path pluginFile() {
    return folder.resolve("device-plugin/config.json");
  }

  private static String vfs(int count, String group) {
    return "{pciAddress: '" + PF + "', numVfs: " + count + ", vfGroups: [{" + group + "}]}";
  }

  @Test
  @Spec("03:R7")
  void makesVfsAtOnceAndReportsThem() {
    cluster.pluginConfig(Map.of(Cluster.NODE, "{\"resourceList\":[]}", "other", "x"));
    start();
    cluster.want(vfs(7, "vfRange: 0-6"));
    cluster.awaitStatus("Succeeded");

    assertThat(cluster.lastSyncError()).isEmpty();
    InterfaceExt pf = cluster.state().getStatus().interfaces().getFirst();
    assertThat(pf.pciAddress()).isEqualTo(PF);
    assertThat(pf.totalvfs()).isEqualTo(7);
    assertThat(pf.numVfs()).isEqualTo(7);
    assertThat(pf.linkAdminState()).isEqualTo("up");
    assertThat(pf.vfs()).extracting(VirtualFunction::vfID).containsExactly(0, 1, 2, 3, 4, 5, 6);
    await()
        .atMost(30, SECONDS)
        .untilAsserted(() -> assertThat(pluginFile()).content().isEqualTo("{\"resourceList\":[]}"));
    assertThat(cluster.state().getStatus().conditions())
        .singleElement()
        .satisfies(ready -> {
          assertThat(ready.getType()).isEqualTo("Ready");
          assertThat(ready.getStatus()).isEqualTo("True");
          assertThat(ready.getObservedGeneration())
              .isEqualTo(cluster.state().getMetadata().getGeneration());
        });
  }

  @Test
  void tellsOthersWhatItHasReadAndNothingOlderThanTheyAskFor() {
    start();
    assertThat(daemon.reconciler.readSince(Long.MIN_VALUE / 2)).isEmpty();
    long before = System.nanoTime();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    await()
        .atMost(30, SECONDS)
        .untilAsserted(() ->
            assertThat(daemon.reconciler.readSince(before))
                .hasValueSatisfying(host -> assertThat(host.pfs().getFirst().vfs()).hasSize(2)));
    assertThat(daemon.reconciler.readSince(System.nanoTime())).isEmpty();
  }

  private static String both() {
    return vfs(1, "vfRange: 0-0") + ", " + vfs(2, "vfRange: 0-1").replace(PF, OTHER);
  }

  @Test
  void beginsWhatNobodyNoticesWithTheFactsOfTheLastLook() {
    host.addPf(OTHER);
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    var looks = new AtomicInteger();
    kernel.before("numvfs " + OTHER + " 2", () -> looks.set(kernel.looks()));
    int before = kernel.looks();
    cluster.want(both());
    await().atMost(30, SECONDS).until(() -> looks.get() > 0);
    assertThat(looks).hasValue(before);
    await().atMost(30, SECONDS).untilAsserted(() -> assertThat(reportedVfs()).contains(2));
    assertThat(kernel.looks()).isGreaterThan(before);
  }

  /** Here nothing tells the daemon of the VF that somebody made since the last look. */
  @Test
  void isNotMisledByFactsThatHoldNoMore() {
    host.addPf(OTHER);
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    host.writeNumVfs(new PciAddress(OTHER), 1);
    cluster.want(both());
    await().atMost(30, SECONDS).untilAsserted(() -> assertThat(reportedVfs()).contains(2));
    cluster.awaitStatus("Succeeded");
    assertThat(kernel.writes())
        .containsSubsequence("numvfs " + OTHER + " 0", "numvfs " + OTHER + " 2");
  }

  /** Exactly as many as are wanted, and a pod has one: it must not even be bound anew. */
  @Test
  void leavesVfsAloneThatSomebodyMadeAndAPodGotSinceTheLastLook() {
    var other = host.addPf(OTHER);
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    host.writeNumVfs(other.pci, 2);
    PciAddress held = other.vfs.getFirst().pci;
    host.use(held, "default/holder");
    other.vfs.getFirst().mac = null;
    int before = kernel.writes().size();
    cluster.want(both());
    await().atMost(30, SECONDS).untilAsserted(() -> assertThat(reportedVfs()).contains(2));
    List<String> writes = kernel.writes();
    assertThat(writes.subList(before, writes.size()))
        .noneMatch(write -> write.startsWith("numvfs"))
        .noneMatch(write -> write.matches("(unbind|bind|probe|override) " + OTHER + " 0.*"));
    assertThat(host.takenFromPods()).isEmpty();
  }

  @Test
  void putsBackAStatusThatSomebodyElseWrote() {
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    cluster.patchStatus("{\"status\":{\"syncStatus\":\"Failed\",\"lastSyncError\":\"by hand\"}}");
    await()
        .atMost(30, SECONDS)
        .untilAsserted(() -> {
          daemon.reconciler.kernelChanged();
          assertThat(cluster.state().getStatus().syncStatus()).isEqualTo("Succeeded");
          assertThat(cluster.lastSyncError()).isEmpty();
        });
  }

  private List<Integer> reportedVfs() {
    return cluster.state().getStatus().interfaces().stream().map(InterfaceExt::numVfs).toList();
  }

  @Test
  @Spec("03:R29")
  void tellsOfEachChangeOfTheSyncStatus() {
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() ->
            assertThat(
                    cluster
                        .client
                        .events()
                        .v1()
                        .events()
                        .inNamespace(cluster.namespace)
                        .list()
                        .getItems())
                .filteredOn(event -> event.getReason().equals("SyncStatusChanged"))
                .extracting(event -> event.getNote())
                .isNotEmpty()
                .allMatch(note -> note.startsWith("Status changed from: "))
                .anyMatch(note -> note.startsWith("Status changed from: Unknown to: ")));
  }

  @Test
  void saysWhatIsWrongWithADesiredStateAndChangesNothing() {
    start();
    cluster.want(vfs(8, "vfRange: 0-7"));
    cluster.awaitStatus("Failed");
    assertThat(cluster.lastSyncError())
        .isEqualTo("0000:04:00.0: numVfs is 8 but the device can have 0 to 7 VFs");
    assertThat(kernel.writes()).isEmpty();
    cluster.want(vfs(7, "vfRange: 0-6"));
    cluster.awaitStatus("Succeeded");
  }

  @Test
  @Spec(value = "03:R21", differs = "the failure is in the status; there are no pods to restart")
  @Spec("03:R22")
  void reportsAFailedStepAndTriesAgain() {
    kernel.fail("numvfs " + PF + " 2", Errno.ENOSPC);
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Failed");
    assertThat(cluster.lastSyncError()).contains(PF, "sriov_numvfs", "ENOSPC");
    assertThat(pluginFile()).doesNotExist();
    kernel.heal();
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.lastSyncError()).isEmpty();
  }

  @Test
  void waitsForAPodThatHoldsAVf() {
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    host.use(host.pf(PF).vfs.get(1).pci, "default/web");

    cluster.want(vfs(3, "vfRange: 0-2"));
    await().atMost(60, SECONDS).until(() -> cluster.lastSyncError().contains("default/web"));
    assertThat(cluster.syncStatus()).isEqualTo("InProgress");
    assertThat(cluster.state().getStatus().conditions())
        .filteredOn(condition -> condition.getType().equals("VFsInUse"))
        .singleElement()
        .satisfies(inUse -> {
          assertThat(inUse.getStatus()).isEqualTo("True");
          assertThat(inUse.getMessage()).contains("default/web (0000:04:10.1)");
        });
    assertThat(host.pf(PF).vfs).hasSize(2);

    host.release();
    cluster.awaitStatus("Succeeded");
    assertThat(host.pf(PF).vfs).hasSize(3);
    assertThat(cluster.state().getStatus().conditions()).hasSize(1);
  }

  @Test
  void returnsToNoVfsWhenThePolicyGoes() {
    cluster.pluginConfig(Map.of(Cluster.NODE, "{\"resourceList\":[{}]}"));
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    await().atMost(30, SECONDS).until(() -> pluginFile().toFile().exists());

    cluster.pluginConfig(Map.of("other", "x"));
    cluster.want("");
    await().atMost(60, SECONDS).until(() -> host.pf(PF).vfs.isEmpty());
    cluster.awaitStatus("Succeeded");
    await()
        .atMost(30, SECONDS)
        .untilAsserted(
            () -> assertThat(pluginFile()).content().isEqualTo("{\"resourceList\":null}"));
    assertThat(host.records()).isEmpty();
  }

  @Test
  @Spec("03:R10")
  void leavesVfsThatSomebodyElseMade() {
    host.writeNumVfs(host.pf(PF).pci, 3);
    start();
    cluster.want("");
    cluster.awaitStatus("Succeeded");
    assertThat(host.pf(PF).vfs).hasSize(3);
    assertThat(kernel.writes()).isEmpty();
  }

  @Test
  void repairsDriftWhenTheKernelReportsIt() {
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    host.unbind(host.pf(PF).pci, 1);
    daemon.reconciler.kernelChanged();
    await().atMost(30, SECONDS).until(() -> host.driver(host.pf(PF).pci, 1).isPresent());
    cluster.awaitStatus("Succeeded");
  }

  @Test
  @Spec(value = "03:R6", differs = "nothing at all is written, neither on the host nor in the API")
  void changesNothingWhenItStartsOnAConfiguredNode() throws Exception {
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    daemon.close();
    String version = cluster.state().getMetadata().getResourceVersion();
    int writes = kernel.writes().size();

    start();
    cluster.pluginConfig(Map.of(Cluster.NODE, "{}"));
    // The file tells that a whole pass was made.
    await().atMost(60, SECONDS).until(() -> pluginFile().toFile().exists());
    assertThat(kernel.writes()).hasSize(writes);
    assertThat(cluster.state().getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  @Spec("03:R26")
  void doesNothingWhenTheNodeStateIsDeleted() {
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    assertThat(daemon.view().leaves()).isFalse();
    int writes = kernel.writes().size();
    cluster.client.resource(cluster.state()).delete();
    await().atMost(60, SECONDS).until(() -> daemon.view().leaves());
    daemon.reconciler.kernelChanged();
    cluster.pluginConfig(Map.of());
    assertThat(host.pf(PF).vfs).hasSize(2);
    assertThat(kernel.writes()).hasSize(writes);
  }

  @Test
  @Spec("03:C19")
  void appliesANodeStateThatWasMadeAnew() {
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    cluster.client.resource(cluster.state()).delete();
    // Same generation as before, another object.
    cluster.want(vfs(3, "vfRange: 0-2"));
    await().atMost(60, SECONDS).until(() -> host.pf(PF).vfs.size() == 3);
    cluster.awaitStatus("Succeeded");
  }

  @Test
  @Spec(value = "03:R1", differs = "what no pod notices does not wait for a drainer")
  @Spec(value = "03:R2", differs = "what no pod notices does not wait for a drainer")
  void doesNotWaitForAnnotationsThatNobodySets() {
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.state().getMetadata().getAnnotations()).isNullOrEmpty();
    cluster.annotate(Names.CURRENT_STATE, Names.IDLE);
    cluster.want(vfs(2, "vfRange: 0-1"));
    await().atMost(60, SECONDS).until(() -> host.pf(PF).vfs.size() == 2);
    cluster.awaitStatus("Succeeded");
    assertThat(cluster.desired()).isNull();
  }

  @Test
  @Spec("03:R19")
  void appliesAStateThatComesWhileAnotherIsBeingApplied() {
    kernel.before(
        "numvfs " + PF + " 2",
        () -> {
          long before = cluster.state().getMetadata().getGeneration();
          cluster.want(vfs(3, "vfRange: 0-2"));
          assertThat(cluster.state().getMetadata().getGeneration()).isGreaterThan(before);
        });
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    await().atMost(60, SECONDS).until(() -> host.numVfs(host.pf(PF).pci) == 3);
    cluster.awaitStatus("Succeeded");
    assertThat(kernel.writes()).contains("numvfs " + PF + " 2");
  }

  @Test
  @Spec("03:R27")
  @Spec("03:R28")
  void looksAgainForAnnotationsButNotForAStatusOfItsOwn() {
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    host.unbind(host.pf(PF).pci, 0);
    cluster.patchStatus("{\"status\":{\"lastSyncError\":\"by hand\"}}");
    cluster.annotate(Names.LAST_GOOD_SPEC, "{}");
    await()
        .during(1, SECONDS)
        .atMost(30, SECONDS)
        .until(() -> host.driver(host.pf(PF).pci, 0).isEmpty());

    cluster.annotate("example.com/unrelated", "x");
    await().atMost(30, SECONDS).until(() -> host.driver(host.pf(PF).pci, 0).isPresent());
    await().atMost(30, SECONDS).until(() -> cluster.lastSyncError().isEmpty());
  }

  @Test
  void onlyReportsItsPfsAsLongAsTheOperatorHasNotDecided() {
    cluster.pluginConfig(Map.of(Cluster.NODE, "{\"resourceList\":[]}"));
    start();
    cluster.want(vfs(2, "vfRange: 0-1"));
    cluster.awaitStatus("Succeeded");
    await().atMost(30, SECONDS).until(() -> pluginFile().toFile().exists());
    int writes = kernel.writes().size();

    cluster.client.resource(cluster.state()).delete();
    // The two come by watches of their own, in any order.
    await().atMost(30, SECONDS).until(() -> daemon.view().nodeState().isEmpty());
    cluster.pluginConfig(Map.of("other", "x"));
    cluster.undecided();

    await()
        .atMost(60, SECONDS)
        .until(() ->
            cluster.state().getStatus() != null
                && !cluster.state().getStatus().interfaces().isEmpty());
    assertThat(cluster.state().getStatus().interfaces().getFirst().vfs()).hasSize(2);
    assertThat(kernel.writes()).hasSize(writes);
    assertThat(pluginFile()).content().isEqualTo("{\"resourceList\":[]}");
  }

  @Test
  void leavesWhenTheNodeIsNoLongerSelected() {
    start();
    cluster.want(vfs(1, "vfRange: 0-0"));
    cluster.awaitStatus("Succeeded");
    assertThat(daemon.view().leaves()).isFalse();
    cluster.annotate(Names.KEEP_STATE_UNTIL, "2030-01-01T00:00:00Z");
    await().atMost(60, SECONDS).until(() -> daemon.view().leaves());
  }
}
