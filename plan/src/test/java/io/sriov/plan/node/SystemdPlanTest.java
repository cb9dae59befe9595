package io.sriov.plan.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.BootServices.Unit;
import io.sriov.plan.node.HostStep.EnableUnit;
import io.sriov.plan.node.HostStep.InstallRuntime;
import io.sriov.plan.node.HostStep.RemoveFile;
import io.sriov.plan.node.HostStep.WriteFile;
import io.sriov.testkit.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SystemdPlanTest {

  private static final PciAddress PF = new PciAddress("0000:04:00.0");
  private static final Result SUCCEEDED = new Result("Succeeded", "");
  private static final NodePlan NOTHING = new NodePlan(List.of(), List.of(), List.of(), List.of());

  private final SystemdPlan wanted = new SystemdPlan("config", "8086 10c9 10ca\n", "image-1");

  @Test
  @Spec("03:Y5")
  void unitsThatAreNotEnabledAreWrittenEnabledAndRebootedFor() {
    NodePlan plan = wanted.of(NOTHING, found(List.of(), "config", SUCCEEDED));

    assertThat(writtenFiles(plan)).containsExactly(BootUnit.PRE.path(), BootUnit.POST.path());
    assertThat(enabled(plan)).containsExactly(BootUnit.PRE.name(), BootUnit.POST.name());
    assertThat(plan.rebootReasons())
        .containsExactly(
            "boot service sriov-config.service is not installed",
            "boot service sriov-config-post-network.service is not installed");
  }

  @Test
  void aDisabledUnitIsEnabledAndRebootedFor() {
    NodePlan plan =
        wanted.of(
            NOTHING,
            found(
                List.of(installed(BootUnit.PRE, true), installed(BootUnit.POST, false)),
                "config",
                SUCCEEDED));

    assertThat(writtenFiles(plan)).isEmpty();
    assertThat(enabled(plan)).containsExactly(BootUnit.POST.name());
    assertThat(plan.rebootReasons())
        .containsExactly("boot service sriov-config-post-network.service is not enabled");
  }

  @Test
  @Spec("03:Y6")
  void onlyTheOutdatedUnitIsRewritten() {
    var old =
        new Unit(
            BootUnit.PRE.name(), BootUnit.PRE.content().replace("--phase pre", "--early"), true);

    NodePlan plan =
        wanted.of(
            NOTHING, found(List.of(old, installed(BootUnit.POST, true)), "config", SUCCEEDED));

    assertThat(writtenFiles(plan)).containsExactly(BootUnit.PRE.path());
    assertThat(enabled(plan)).containsExactly(BootUnit.PRE.name());
    assertThat(plan.rebootReasons())
        .containsExactly("boot service sriov-config.service is outdated");
    assertThat(plan.hostSteps().getFirst())
        .as("so that the reboot stays due if the daemon is killed after the file was written")
        .isEqualTo(
            new RemoveFile(BootServices.RESULT_FILE, "the report is of an earlier configuration"));
  }

  @Test
  @Spec("03:Y7")
  void moreOptionsInAnInstalledUnitAreTolerated() {
    var more =
        new Unit(
            BootUnit.PRE.name(),
            "# mine\n" + BootUnit.PRE.content() + "\n[Service]\nTimeoutSec = 5min\n",
            true);

    assertThat(
            wanted.of(
                NOTHING, found(List.of(more, installed(BootUnit.POST, true)), "config", SUCCEEDED)))
        .isEqualTo(NOTHING);
  }

  @Test
  void unitsOfTheGoDaemonAreTakenOver() {
    String go =
        """
        [Unit]
        Description=something else
        DefaultDependencies=no
        After=network-pre.target systemd-udev-settle.service systemd-sysusers.service systemd-sysctl.service
        Before=network.target NetworkManager.service systemd-networkd.service ovs-vswitchd.service ovsdb-server.service
        [Service]
        Type=oneshot
        ExecStart=/var/lib/sriov/sriov-network-config-daemon service --phase pre
        StandardOutput=journal+console
        [Install]
        WantedBy=multi-user.target
        """;

    assertThat(BootUnit.PRE.coveredBy(go)).isTrue();
    assertThat(BootUnit.PRE.coveredBy(go.replace("pre\n", "post\n"))).isFalse();
    assertThat(BootUnit.PRE.coveredBy(go.replace("[Install]", "[Other]"))).isFalse();
  }

  @Test
  @Spec("03:Y8")
  void theFirstSwitchRebootsEvenIfNothingIsWanted() {
    NodePlan plan = wanted.of(NOTHING, found(bothUnits(), "config", null));

    assertThat(plan.hostSteps()).isEmpty();
    assertThat(plan.rebootReasons())
        .containsExactly("the boot services have not applied the configuration yet");
  }

  @Test
  @Spec("03:Y9")
  void whatTheServicesAppliedNeedsNothing() {
    assertThat(wanted.of(NOTHING, found(bothUnits(), "config", SUCCEEDED)).isEmpty()).isTrue();
  }

  @Test
  @Spec("03:Y10")
  void anotherConfigurationDropsTheReportAndReboots() {
    var found = new BootServices(bothUnits(), "old", "8086 old old\n", SUCCEEDED, null, "image-1");

    NodePlan plan = wanted.of(NOTHING, found);

    assertThat(plan.hostSteps())
        .extracting(SystemdPlanTest::file)
        .containsExactly(
            BootServices.RESULT_FILE, BootServices.SUPPORTED_NICS_FILE, BootServices.CONFIG_FILE);
    assertThat(plan.hostSteps().getFirst()).isInstanceOf(RemoveFile.class);
    assertThat(plan.hostSteps())
        .contains(
            new WriteFile(
                BootServices.CONFIG_FILE, "config", "the boot services need the configuration"));
    assertThat(plan.rebootReasons())
        .containsExactly("the configuration that the boot services apply changed");
  }

  @Test
  void anotherImageBringsAnotherCopyWithoutAReboot() {
    var found =
        new BootServices(bothUnits(), "config", wanted.supportedNics(), SUCCEEDED, null, "image-0");

    NodePlan plan = wanted.of(NOTHING, found);

    assertThat(plan.hostSteps()).singleElement().isInstanceOf(InstallRuntime.class);
    assertThat(plan.rebootReasons()).isEmpty();
  }

  @Test
  @Spec("03:Y11")
  void aFailedReportAsksForNoReboot() {
    var failed = new Result("Failed", "pre: x");

    assertThat(wanted.of(drifted(), found(bothUnits(), "config", failed)).isEmpty()).isTrue();
  }

  @Test
  void vfsThatSomebodyChangedAreWorthAReboot() {
    assertThat(wanted.of(drifted(), found(bothUnits(), "config", SUCCEEDED)).rebootReasons())
        .containsExactly("0000:04:00.0 is not as the boot services left it");
  }

  /** Nobody holds them, so that no reboot is worth it; but that they are gone is said. */
  @Test
  void vfsThatSomebodyRemovedAreMissed() {
    NodePlan gone = wanted.of(resize(0, 4), found(bothUnits(), "config", SUCCEEDED));

    assertThat(gone.rebootReasons()).isEmpty();
    assertThat(gone.refusals()).containsExactly(new Refusal.VfsMadeAtBoot(PF, 4));
    assertThat(gone.refusals().getFirst().message())
        .startsWith("0000:04:00.0")
        .contains("has no VFs, wanted 4", "reboot the node");
    // Before the boot that shall make them nobody misses them.
    assertThat(wanted.of(resize(0, 4), found(bothUnits(), "old", SUCCEEDED)).refusals()).isEmpty();
    assertThat(wanted.of(resize(0, 4), found(bothUnits(), "config", null)).refusals()).isEmpty();
  }

  @Test
  void pfsThatTheNextBootChangesAreNotSettled() {
    assertThat(wanted.of(resize(0, 4), found(bothUnits(), "old", SUCCEEDED)).unsettled())
        .containsExactly(PF);
    assertThat(wanted.of(NOTHING, found(bothUnits(), "old", SUCCEEDED)).unsettled()).isEmpty();
  }

  /** Otherwise whatever wants the unit after it has ended runs it again, under running pods. */
  @Test
  void theServicesStayActiveWhenTheyHaveEnded() {
    for (BootUnit unit : BootUnit.ALL) {
      assertThat(unit.content()).contains("[Service]\nType=oneshot\nRemainAfterExit=yes\n");
      assertThat(unit.coveredBy(unit.content().replace("RemainAfterExit=yes\n", "")))
          .as("no reason for a reboot")
          .isTrue();
    }
  }

  @Test
  void theDaemonLeavesPfsToTheServices() {
    assertThat(wanted.of(drifted(), found(bothUnits(), "config", SUCCEEDED)).steps()).isEmpty();
  }

  @Test
  void whatIsRefusedIsSaidHereToo() {
    var refused = new Refusal.PfAbsent(PF);
    var plan =
        new NodePlan(
            List.of(PfPlan.refused(PF, List.of(refused))), List.of(), List.of(), List.of());

    assertThat(wanted.of(plan, found(bothUnits(), "config", SUCCEEDED)).refusals())
        .containsExactly(refused);
  }

  @Test
  void anUnreadableReportIsAMistakeToBeToldAndNoReasonForAReboot() {
    var found =
        new BootServices(
            bothUnits(), "config", wanted.supportedNics(), null, "line 1: not YAML", "image-1");

    NodePlan plan = wanted.of(NOTHING, found);

    assertThat(plan.rebootReasons()).isEmpty();
    assertThat(plan.refusals())
        .containsExactly(new Refusal.BootResultUnreadable("line 1: not YAML"));
  }

  @Test
  void ofTheNodesOwnStepsNothingIsLost() {
    var add = new HostStep.AddKernelArgument("iommu=pt", BootLoader.GRUB);
    var plan = new NodePlan(List.of(), List.of(add), List.of("reason"), List.of());

    NodePlan services = wanted.of(plan, found(bothUnits(), "config", SUCCEEDED));

    assertThat(services.hostSteps()).containsExactly(add);
    assertThat(services.rebootReasons()).containsExactly("reason");
  }

  private static NodePlan drifted() {
    return resize(2, 4);
  }

  private static NodePlan resize(int from, int to) {
    return new NodePlan(
        List.of(new PfPlan(PF, List.of(new Step.ResizeVfs(PF, from, to)), List.of(), List.of())),
        List.of(),
        List.of(),
        List.of());
  }

  private BootServices found(List<Unit> units, String config, @Nullable Result result) {
    return new BootServices(units, config, wanted.supportedNics(), result, null, "image-1");
  }

  private static List<Unit> bothUnits() {
    var units = new ArrayList<Unit>();
    BootUnit.ALL.forEach(unit -> units.add(installed(unit, true)));
    return units;
  }

  private static Unit installed(BootUnit unit, boolean enabled) {
    return new Unit(unit.name(), unit.content(), enabled);
  }

  private static List<String> writtenFiles(NodePlan plan) {
    return plan.hostSteps().stream()
        .filter(WriteFile.class::isInstance)
        .map(SystemdPlanTest::file)
        .toList();
  }

  private static List<String> enabled(NodePlan plan) {
    return plan.hostSteps().stream()
        .filter(EnableUnit.class::isInstance)
        .map(step -> ((EnableUnit) step).unit())
        .toList();
  }

  private static String file(HostStep step) {
    return switch (step) {
      case WriteFile(var path, _, _) -> path;
      case RemoveFile(var path, _) -> path;
      default -> "";
    };
  }
}
