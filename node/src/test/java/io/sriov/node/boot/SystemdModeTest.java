package io.sriov.node.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.node.apply.HostStepResult;
import io.sriov.node.host.SupportedNic;
import io.sriov.plan.node.BootLoader;
import io.sriov.plan.node.BootServices;
import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.BootUnit;
import io.sriov.plan.node.HostStep;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.PfPlan;
import io.sriov.plan.node.Refusal;
import io.sriov.plan.node.Step;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemdModeTest {

  private static final PciAddress PF = new PciAddress("0000:04:00.0");
  private static final NodePlan NOTHING = NodePlan.refused(List.of());
  private static final SriovNetworkNodeStateSpec WANTED =
      new SriovNetworkNodeStateSpec(
          List.of(new Interface(PF.value(), 4, 0, "eno1", null, null, false, List.of())),
          null,
          null);

  @TempDir Path folder;
  private SimulatedMachine machine;
  private HostSteps steps;
  private SystemdMode mode;
  private ServiceFiles files;

  @BeforeEach
  void makeHost() throws IOException {
    machine = new SimulatedMachine(folder, BootLoader.GRUB);
    Path image = folder.resolve("image");
    SimulatedMachine.write(image.resolve("runtime/bin/java"), "");
    SimulatedMachine.write(image.resolve("lib/a.jar"), "");
    SimulatedMachine.write(image.resolve("daemon.options"), "");
    var runtime = new HostRuntime(image, machine.paths, machine);
    steps = new HostSteps(machine.paths, machine, runtime, machine::bootId);
    files = new ServiceFiles(machine.paths);
    mode =
        new SystemdMode(
            machine.paths,
            runtime,
            steps,
            () ->
                List.of(
                    new SupportedNic("8086", "10c9", "10ca"),
                    new SupportedNic("15b3", "1017", "1018")),
            false);
  }

  @Test
  @Spec("03:Y5")
  @Spec("03:Y8")
  void theSwitchPreparesEverythingAndThenOnlyTheRebootIsLeft() throws Exception {
    NodePlan first = mode.planFor(SriovNetworkNodeStateSpec.EMPTY, NOTHING);
    assertThat(steps.execute(first.hostSteps())).noneMatch(HostStepResult::failed);

    for (BootUnit unit : BootUnit.ALL) {
      assertThat(machine.paths.host(unit.path())).hasContent(unit.content());
      assertThat(machine.paths.host(unit.link())).isSymbolicLink();
    }
    assertThat(machine.paths.host(BootUnit.PROGRAM)).isExecutable();
    assertThat(machine.paths.host(BootServices.SUPPORTED_NICS_FILE))
        .content()
        .isEqualTo("15b3 1017 1018\n8086 10c9 10ca\n");
    NodePlan then = mode.planFor(SriovNetworkNodeStateSpec.EMPTY, NOTHING);
    assertThat(then.hostSteps()).isEmpty();
    assertThat(then.rebootReasons())
        .containsExactly("the boot services have not applied the configuration yet");
    assertThat(mode.result()).isEmpty();
  }

  @Test
  @Spec("03:Y9")
  void afterTheServicesSucceededNothingIsLeft() throws Exception {
    prepare(WANTED);
    files.writeResult(new Result("Succeeded", ""));

    assertThat(mode.planFor(WANTED, NOTHING).isEmpty()).isTrue();
    assertThat(mode.result()).contains(new Result("Succeeded", ""));
  }

  @Test
  @Spec("03:Y10")
  void anotherWishDropsTheResultAndAsksForAReboot() throws Exception {
    prepare(SriovNetworkNodeStateSpec.EMPTY);
    files.writeResult(new Result("Succeeded", ""));
    SimulatedMachine.write(
        machine.paths.host(BootServices.SUPPORTED_NICS_FILE), "8086 10c9 10ca\n");

    NodePlan plan = mode.planFor(WANTED, NOTHING);
    assertThat(plan.rebootReasons()).hasSize(1);
    assertThat(steps.execute(plan.hostSteps())).noneMatch(HostStepResult::failed);

    assertThat(machine.paths.host(BootServices.RESULT_FILE)).doesNotExist();
    assertThat(machine.paths.host(BootServices.CONFIG_FILE))
        .content()
        .contains("pciaddress: \"" + PF + "\"", "numvfs: 4");
    assertThat(machine.paths.host(BootServices.SUPPORTED_NICS_FILE)).content().startsWith("15b3");
    assertThat(mode.planFor(WANTED, NOTHING).rebootReasons())
        .as("until the services ran")
        .hasSize(1);
  }

  @Test
  @Spec("03:Y6")
  void aDaemonKilledAfterTheUnitWasRewrittenStillReboots() throws Exception {
    prepare(WANTED);
    files.writeResult(new Result("Succeeded", ""));
    SimulatedMachine.write(machine.paths.host(BootUnit.PRE.path()), "[Unit]\n");

    NodePlan plan = mode.planFor(WANTED, NOTHING);
    assertThat(plan.rebootReasons())
        .containsExactly("boot service sriov-config.service is outdated");
    for (HostStep step : plan.hostSteps()) {
      assertThat(steps.execute(List.of(step))).noneMatch(HostStepResult::failed);
      assertThat(mode.planFor(WANTED, NOTHING).rebootReasons()).isNotEmpty();
    }
    assertThat(machine.paths.host(BootUnit.PRE.path())).hasContent(BootUnit.PRE.content());
  }

  @Test
  @Spec("03:Y11")
  void whatTheServicesReportedIsTheResult() throws Exception {
    prepare(WANTED);
    files.writeResult(new Result("Failed", "pre: x"));

    assertThat(machine.paths.host(BootServices.RESULT_FILE))
        .hasContent("syncStatus: Failed\nlastSyncError: 'pre: x'\n");
    assertThat(mode.planFor(WANTED, drifted()).isEmpty()).as("no reboot is asked for").isTrue();
    assertThat(mode.result()).contains(new Result("Failed", "pre: x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"syncStatus: [", "just words", "lastSyncError: x"})
  @Spec(
      value = "03:Y12",
      differs = "the status says what is wrong and what to do, and it is looked at again each pass")
  void anUnreadableResultIsRefusedWithItsReason(String content) throws Exception {
    prepare(WANTED);
    SimulatedMachine.write(machine.paths.host(BootServices.RESULT_FILE), content);

    NodePlan plan = mode.planFor(WANTED, NOTHING);

    assertThat(plan.rebootReasons()).isEmpty();
    assertThat(plan.refusals()).hasOnlyElementsOfType(Refusal.BootResultUnreadable.class);
    assertThat(plan.refusals().getFirst().message())
        .startsWith(BootServices.RESULT_FILE + " is unreadable (");
    assertThat(mode.result()).isEmpty();
    Files.delete(machine.paths.host(BootServices.RESULT_FILE));
    assertThat(mode.planFor(WANTED, NOTHING).rebootReasons()).hasSize(1);
  }

  @Test
  @Spec("03:Y1")
  void aDaemonThatConfiguresTheNodeItselfDoesNotLookAtServices() throws Exception {
    var plan = drifted();
    files.writeResult(new Result("Failed", "pre: x"));

    assertThat(steps.planFor(WANTED, plan)).isSameAs(plan);
    assertThat(steps.result()).isEmpty();
    assertThat(machine.commands()).isEmpty();
  }

  @Test
  @Spec("03:Y23")
  void theDaemonThatTakesOverRemovesEverything() throws Exception {
    prepare(WANTED);
    files.writeResult(new Result("Succeeded", ""));

    assertThat(ServiceLeftovers.remove(machine.paths, steps, true)).isEmpty();

    assertThat(machine.paths.host(BootServices.CONFIG_FILE)).doesNotExist();
    assertThat(machine.paths.host(BootServices.RESULT_FILE)).doesNotExist();
    assertThat(machine.paths.host(BootServices.SUPPORTED_NICS_FILE)).doesNotExist();
    assertThat(machine.paths.host("/var/lib/sriov")).doesNotExist();
    assertThat(machine.paths.host(BootUnit.FOLDER + "/multi-user.target.wants")).isEmptyDirectory();
    assertThat(machine.paths.host(BootUnit.PRE.path())).doesNotExist();
    assertThat(machine.paths.host(BootUnit.POST.path())).doesNotExist();
    assertThat(ServiceLeftovers.remove(machine.paths, steps, true)).as("a second time").isEmpty();
  }

  @Test
  @Spec("03:Y23")
  void onOpenShiftTheUnitsAreTheOperators() throws Exception {
    prepare(WANTED);

    assertThat(ServiceLeftovers.remove(machine.paths, steps, false)).isEmpty();

    assertThat(machine.paths.host(BootUnit.PRE.path())).exists();
    assertThat(machine.paths.host(BootUnit.PRE.link())).isSymbolicLink();
    assertThat(machine.paths.host(BootUnit.PROGRAM)).doesNotExist();
  }

  private void prepare(SriovNetworkNodeStateSpec wanted) throws Exception {
    assertThat(steps.execute(mode.planFor(wanted, NOTHING).hostSteps()))
        .noneMatch(HostStepResult::failed);
  }

  private static NodePlan drifted() {
    return new NodePlan(
        List.of(new PfPlan(PF, List.of(new Step.ResizeVfs(PF, 2, 4)), List.of(), List.of())),
        List.of(),
        List.of(),
        List.of());
  }
}
