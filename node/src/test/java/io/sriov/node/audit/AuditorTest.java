package io.sriov.node.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.linux.Errno;
import io.sriov.linux.file.FileLock;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.plan.audit.Answer;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.SimulatedApply;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.plan.node.VfInUse;
import io.sriov.plan.node.VfSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditorTest {

  private static final String VLAN_LEFT =
      "PF ens1 VF 1 (0000:04:10.1): no pod has it, but it was left with VLAN 100";

  @TempDir Path root;
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);
  private final List<VfInUse> pods = new ArrayList<>();
  private final Cluster cluster = new Cluster();
  private final Time time = new Time();
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final List<String> restored = new ArrayList<>();
  private SimulatedHost.SimPf pf;
  private String silence;
  private Optional<Inventory> seen = Optional.empty();
  private long seenFrom;
  private Runnable afterNextAnswer = () -> {};
  private Auditor auditor;

  @BeforeEach
  void cleanNode() {
    pf = host.addPf("0000:04:00.0");
    pf.name = "ens1";
    for (int round = 0; round < 2; round++) {
      SimulatedApply.apply(host, Planner.plan(cluster.state.getSpec(), host.inventory()).steps());
    }
    startAuditor();
  }

  private void startAuditor() {
    var inquiry = new Inquiry(kernel, _ -> kubelet(), new StateFileReader(root, _ -> true));
    auditor =
        new Auditor(
            inquiry,
            new Mender(kernel, inquiry, this::restore, root),
            cluster,
            from -> seen.filter(_ -> seenFrom - from >= 0),
            cluster,
            new AuditMetrics(registry),
            time);
  }

  private Answer<List<VfInUse>> kubelet() {
    if (silence != null) {
      return new Answer.Silence<>(silence);
    }
    var answer = new Answer.Given<>(List.copyOf(pods));
    afterNextAnswer.run();
    afterNextAnswer = () -> {};
    return answer;
  }

  /** What the CNI server does. */
  private void restore(String vf) {
    restored.add(vf);
    try {
      Files.delete(root.resolve("var/lib/cni/sriov/c1-net1"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Looks so many times, as far apart as the auditor itself would. */
  private void look(int times) {
    for (int i = 0; i < times; i++) {
      Duration next = auditor.look(Cadence.Wake.TIME);
      time.now = time.now.plus(next);
    }
  }

  /** The loop reads the host. */
  private void loopReads() {
    seenFrom = System.nanoTime();
    seen = Optional.of(host.inventory());
  }

  private void vlanLeft() {
    host.setVf(pf.pci, 1, new VfSetting.Vlan(100, 0));
  }

  private int vlan() {
    return pf.vfs.get(1).settings.vlan();
  }

  @Test
  void saysThatACleanNodeIsClean() {
    look(1);
    assertThat(cluster.condition())
        .isEqualTo("True Clean every VF that no pod has is as a new one");
    assertThat(cluster.events).isEmpty();
    assertThat(kernel.writes()).isEmpty();
  }

  /** Reading the host is most of a look, and the loop does it twice a minute. */
  @Test
  void takesWhatTheLoopHasReadUntilItSuspectsSomething() {
    look(1);
    loopReads();
    vlanLeft();
    look(1);
    assertThat(cluster.events).isEmpty();
    loopReads();
    Duration next = auditor.look(Cadence.Wake.CHANGED);
    assertThat(next).isEqualTo(Duration.ofSeconds(5));
    time.now = time.now.plus(next);
    look(1);
    assertThat(cluster.condition()).startsWith("False VfsDirty " + VLAN_LEFT);
    look(1);
    assertThat(vlan()).isZero();
    assertThat(cluster.condition()).startsWith("True Clean");
  }

  @Test
  void whatTheLoopHasReadIsNoProof() {
    look(1);
    vlanLeft();
    loopReads();
    host.setVf(pf.pci, 1, new VfSetting.Vlan(0, 0));
    assertThat(auditor.look(Cadence.Wake.TIME)).isEqualTo(Duration.ofSeconds(5));
    look(1);
    assertThat(cluster.condition()).startsWith("True Clean");
    assertThat(cluster.events).isEmpty();
  }

  @Test
  void noLookGoesBackBehindTheOneBefore() {
    look(1);
    loopReads();
    vlanLeft();
    look(1);
    assertThat(auditor.look(Cadence.Wake.TIME)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void looksForItselfWhenTheLoopHasReadOnlyLongAgo() {
    look(1);
    loopReads();
    seenFrom = System.nanoTime() - Duration.ofSeconds(36).toNanos();
    vlanLeft();
    assertThat(auditor.look(Cadence.Wake.TIME)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void whatWasToldIsNotTakenBackByWhatTheLoopHasRead() {
    cluster.state.getMetadata().setAnnotations(Map.of(Names.VF_AUDIT, "report"));
    Inventory clean = host.inventory();
    vlanLeft();
    look(4);
    seenFrom = System.nanoTime();
    seen = Optional.of(clean);
    look(2);
    assertThat(cluster.condition()).startsWith("False");
  }

  @Test
  void tellsOnceWhatItFoundTwice() {
    look(1);
    vlanLeft();
    look(1);
    assertThat(cluster.condition()).startsWith("True");
    look(1);
    assertThat(cluster.condition())
        .startsWith("False VfsDirty " + VLAN_LEFT + " (since 2026-01-01T00:01:00Z)")
        .endsWith("the daemon is going to set no VLAN");
    assertThat(cluster.events).hasSize(1);
    assertThat(cluster.events.getFirst()).startsWith("Warning VfDirty " + VLAN_LEFT);
  }

  @Test
  void putsRightWhatItFoundAThirdTimeAndSaysSo() {
    vlanLeft();
    look(2);
    assertThat(vlan()).isEqualTo(100);
    look(1);
    assertThat(vlan()).isZero();
    assertThat(cluster.condition()).startsWith("True Clean");
    assertThat(cluster.events)
        .hasSize(2)
        .last()
        .isEqualTo("Normal VfRepaired " + VLAN_LEFT + ". Done: set no VLAN");
    assertThat(kernel.writes()).containsExactly("set 0000:04:00.0 1 no VLAN");
  }

  @Test
  void looksSoonAgainWhileItIsNotSure() {
    assertThat(auditor.look(Cadence.Wake.TIME)).isEqualTo(Duration.ofMinutes(1));
    vlanLeft();
    assertThat(auditor.look(Cadence.Wake.TIME)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void saysWhenDirtIsGoneByItself() {
    vlanLeft();
    look(2);
    host.setVf(pf.pci, 1, new VfSetting.Vlan(0, 0));
    look(1);
    assertThat(cluster.condition()).startsWith("True");
    assertThat(cluster.events).last().isEqualTo("Normal VfClean No more: " + VLAN_LEFT);
  }

  @Test
  void leavesAVfAloneThatAPodGotAtTheLastMoment() {
    vlanLeft();
    look(2);
    // Found free by the look, and given to a pod before the lock is taken.
    afterNextAnswer = () -> pods.add(new VfInUse(pf.vfs.get(1).pci, "default/web", "main"));
    look(1);
    assertThat(vlan()).isEqualTo(100);
    assertThat(kernel.writes()).isEmpty();
  }

  @Test
  void doesNotDisturbACniCall() throws Exception {
    Path locks = Files.createDirectories(root.resolve("var/lib/cni/sriov/pci/vf_lock"));
    vlanLeft();
    look(2);
    try (var held =
        FileLock.acquire(locks.resolve("0000:04:10.1.lock"), 0600, Duration.ofSeconds(1))) {
      assertThat(held).isNotNull();
      look(2);
      assertThat(kernel.writes()).isEmpty();
      assertThat(cluster.condition()).startsWith("False");
    }
    look(1);
    assertThat(vlan()).isZero();
  }

  @Test
  void mendsNothingWhileTheKubeletIsSilent() {
    vlanLeft();
    look(2);
    silence = "connection refused";
    look(4);
    assertThat(kernel.writes()).isEmpty();
    assertThat(cluster.condition())
        .startsWith("False")
        .contains(VLAN_LEFT)
        .contains("the kubelet does not say which pods have VFs");
  }

  @Test
  void doesNotAskTheKubeletOfANodeWithoutVfs() {
    host.removePf("0000:04:00.0");
    silence = "connection refused";
    cluster.state.setSpec(SriovNetworkNodeStateSpec.EMPTY);
    look(3);
    assertThat(cluster.condition()).startsWith("True");
  }

  @Test
  void saysNothingNewWhenTheKubeletIsSilentForAMoment() {
    vlanLeft();
    look(2);
    int before = cluster.conditions.size();
    silence = "connection refused";
    look(1);
    silence = null;
    assertThat(cluster.conditions).hasSize(before);
    look(1);
    assertThat(vlan()).isZero();
  }

  @Test
  void doesNotCallANodeCleanOfWhichItKnowsNothing() {
    silence = "connection refused";
    look(1);
    assertThat(cluster.conditions).isEmpty();
    look(1);
    assertThat(cluster.condition()).startsWith("Unknown WitnessSilent");
    silence = null;
    look(1);
    assertThat(cluster.condition()).startsWith("True");
  }

  @Test
  void doesNotTakeBackWhatThePreviousProcessToldBeforeItHasLookedTwice() {
    vlanLeft();
    look(1);
    assertThat(cluster.conditions).isEmpty();
    look(1);
    assertThat(cluster.condition()).startsWith("False");
  }

  @Test
  void onlyReportsIfAnAdministratorWantsItSo() {
    cluster.state.getMetadata().setAnnotations(Map.of(Names.VF_AUDIT, "report"));
    vlanLeft();
    look(5);
    assertThat(kernel.writes()).isEmpty();
    assertThat(cluster.condition())
        .startsWith("False")
        .contains("annotation sriovnetwork.openshift.io/vf-audit");
  }

  @Test
  void tellsOfARepairThatFailsAndTriesItAgainLaterAndLater() {
    vlanLeft();
    kernel.fail("set 0000:04:00.0 1 no VLAN", Errno.EPERM);
    look(10);
    assertThat(kernel.writes()).hasSizeBetween(3, 4);
    assertThat(cluster.condition())
        .startsWith("False")
        .contains("the daemon could not put it right")
        .contains("EPERM");
    assertThat(cluster.events).hasSize(2);
    assertThat(cluster.events.getLast())
        .startsWith("Warning VfRepairFailed PF ens1 VF 1 (0000:04:10.1): could not set no VLAN");
    kernel.heal();
    time.now = time.now.plus(Duration.ofHours(1));
    look(1);
    assertThat(cluster.condition()).startsWith("True");
  }

  @Test
  void tellsThatALockCannotBeHad() throws IOException {
    Path locks = root.resolve("var/lib/cni/sriov/pci/vf_lock");
    Files.createDirectories(locks.getParent());
    Files.writeString(locks, "");
    vlanLeft();
    look(4);
    assertThat(vlan()).isEqualTo(100);
    assertThat(cluster.condition()).startsWith("False").contains("its lock cannot be had");
    assertThat(cluster.events.getLast()).startsWith("Warning VfRepairFailed");
    Files.delete(locks);
    time.now = time.now.plus(Duration.ofHours(1));
    look(1);
    assertThat(vlan()).isZero();
    assertThat(cluster.condition()).startsWith("True");
  }

  @Test
  void givesTheRestOfTheSettingsBackThoughOneIsRefused() {
    vlanLeft();
    host.setVf(pf.pci, 1, new VfSetting.Trust(true));
    kernel.fail("set 0000:04:00.0 1 no VLAN", Errno.EPERM);
    look(3);
    assertThat(pf.vfs.get(1).settings.trust()).isFalse();
    assertThat(vlan()).isEqualTo(100);
  }

  @Test
  void letsTheCniServerEndTheAttachmentOfAPodThatIsGone() throws IOException {
    Path file = root.resolve("var/lib/cni/sriov/c1-net1");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "{\"deviceID\":\"0000:04:10.1\",\"OrigVfState\":{\"HostIFName\":\"ens1v1\"},"
            + "\"attachment\":{\"phase\":\"attached\",\"containerID\":\"c1\","
            + "\"netns\":\"/run/netns/p\",\"userspace\":false}}");
    vlanLeft();
    look(2);
    assertThat(cluster.condition()).contains("container c1, of no pod any more");
    assertThat(restored).isEmpty();
    look(1);
    assertThat(restored).containsExactly("0000:04:10.1");
  }

  @Test
  void givesAFreeVfAnotherAddressThanTheOneOfAPod() {
    String shared = pf.vfs.get(0).mac;
    pf.vfs.get(1).adminMac = shared;
    pf.vfs.get(1).mac = shared;
    pods.add(new VfInUse(pf.vfs.get(0).pci, "default/web", "main"));
    look(3);
    assertThat(pf.vfs.get(1).mac).isNotEqualTo(shared).isEqualTo(pf.vfs.get(1).adminMac);
    assertThat(pf.vfs.get(0).adminMac).isEqualTo(shared);
    assertThat(cluster.condition()).startsWith("True");
  }

  @Test
  void givesANetdevBackTheNameItHadWhenItWasSeenFirst() {
    look(1);
    pf.vfs.get(1).name = "net1";
    look(3);
    assertThat(kernel.writes()).containsExactly("rename 0000:04:00.0 1 ens1v1");
    assertThat(cluster.condition()).startsWith("True");
  }

  @Test
  void looksAtNothingBeforeItKnowsWhatIsWanted() {
    vlanLeft();
    cluster.notReady = "the API server has not answered yet";
    look(3);
    cluster.notReady = null;
    cluster.state.setSpec(null);
    look(3);
    assertThat(cluster.conditions).isEmpty();
    assertThat(kernel.writes()).isEmpty();
  }

  @Test
  void goesOnWhenTheKernelCannotBeRead() {
    kernel.unreadable(Errno.EIO);
    look(2);
    assertThat(cluster.conditions).isEmpty();
    kernel.heal();
    look(1);
    assertThat(cluster.condition()).startsWith("True");
  }

  @Test
  void countsFindingsAndRepairs() {
    vlanLeft();
    look(2);
    assertThat(findings("settings_left")).isEqualTo(1);
    look(1);
    assertThat(findings("settings_left")).isZero();
    assertThat(repairs("settings_left")).isEqualTo(1);
  }

  private double findings(String kind) {
    return registry.scrape().stream()
        .filter(one -> one.getMetadata().getName().equals("sriov_config_daemon_vf_findings"))
        .flatMap(one -> ((GaugeSnapshot) one).getDataPoints().stream())
        .filter(point -> kind.equals(point.getLabels().get("kind")))
        .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
        .sum();
  }

  private double repairs(String kind) {
    return registry.scrape().stream()
        .filter(one -> one.getMetadata().getName().equals("sriov_config_daemon_vf_repairs"))
        .flatMap(one -> ((CounterSnapshot) one).getDataPoints().stream())
        .filter(point -> kind.equals(point.getLabels().get("kind")))
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }

  private static final class Time extends Clock {

    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  /** The API server, as the auditor sees it and speaks to it. */
  private static final class Cluster extends Wanted implements Voice {

    final List<Condition> conditions = new ArrayList<>();
    final List<String> events = new ArrayList<>();

    Cluster() {
      super(
          3,
          List.of(
              new Interface(
                  "0000:04:00.0",
                  3,
                  0,
                  "ens1",
                  null,
                  null,
                  false,
                  List.of(new VfGroup("pool", null, "0-2", "policy", 0, false, null)))));
    }

    String condition() {
      Condition last = conditions.getLast();
      assertThat(last.getType()).isEqualTo("VfsClean");
      assertThat(last.getObservedGeneration()).isEqualTo(3);
      return last.getStatus() + " " + last.getReason() + " " + last.getMessage();
    }

    @Override
    public void report(SriovNetworkNodeState about, Condition condition) {
      conditions.add(condition);
    }

    @Override
    public void warning(SriovNetworkNodeState about, String reason, String note) {
      events.add("Warning " + reason + " " + note);
    }

    @Override
    public void normal(SriovNetworkNodeState about, String reason, String note) {
      events.add("Normal " + reason + " " + note);
    }
  }
}
