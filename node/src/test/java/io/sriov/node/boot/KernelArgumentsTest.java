package io.sriov.node.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.api.NodeSystem;
import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.node.apply.HostStepResult;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Boot.StoredArgument.State;
import io.sriov.plan.node.BootLoader;
import io.sriov.plan.node.HostStep;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.Refusal;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KernelArgumentsTest {

  private static final String DROP_IN = "/etc/default/grub.d/99-sriov-network-operator.cfg";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  @Spec(
      value = "03:K1",
      differs = "only where the IOMMU is off: elsewhere the reboot brings nothing")
  void oneRebootBringsWhatIsWanted(BootLoader loader) throws Exception {
    var machine = new SimulatedMachine(folder, loader);

    NodePlan first = plan(machine, vfio());
    assertThat(first.hostSteps()).hasSize(2);
    assertThat(carryOut(machine, first)).noneMatch(HostStepResult::failed);

    NodePlan pending = plan(machine, vfio());
    assertThat(pending.hostSteps()).isEmpty();
    assertThat(pending.rebootReasons()).hasSize(2);

    machine.reboot();
    NodePlan after = plan(machine, vfio());
    assertThat(after.hostSteps()).isEmpty();
    assertThat(after.rebootReasons()).isEmpty();
    assertThat(Files.readString(machine.paths.proc().resolve("cmdline")))
        .contains("quiet", "intel_iommu=on", "iommu=pt");
  }

  @Test
  void writesAFileOfItsOwnBesideTheAdministratorsAndUpdatesOnce() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);

    carryOut(machine, plan(machine, vfio()));

    assertThat(machine.commands()).containsExactly("update-grub");
    assertThat(Files.readString(machine.paths.host(DROP_IN)))
        .isEqualTo(
            """
            # Written by the SR-IOV network operator, which takes away what it added.
            GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=on iommu=pt"
            """);
    assertThat(Files.readString(machine.paths.host("/etc/default/grub")))
        .isEqualTo("GRUB_CMDLINE_LINUX=\"quiet\"\n");
  }

  @Test
  void usesTheToolsOfFedoraAndOfImageBasedHosts() throws Exception {
    var grubby = new SimulatedMachine(folder.resolve("a"), BootLoader.GRUBBY);
    carryOut(grubby, plan(grubby, vfio()));
    assertThat(grubby.commands())
        .containsExactly(
            "grubby --info=DEFAULT",
            "grubby --update-kernel=DEFAULT --args=intel_iommu=on",
            "grubby --update-kernel=DEFAULT --args=iommu=pt",
            "grubby --info=DEFAULT");

    var ostree = new SimulatedMachine(folder.resolve("b"), BootLoader.RPM_OSTREE);
    carryOut(ostree, plan(ostree, vfio()));
    assertThat(ostree.commands())
        .containsExactly(
            "rpm-ostree kargs",
            "rpm-ostree kargs --append=intel_iommu=on --append=iommu=pt",
            "rpm-ostree kargs");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWithdrawnBeforeTheRebootLeavesNoTrace(BootLoader loader) throws Exception {
    var machine = new SimulatedMachine(folder, loader);
    carryOut(machine, plan(machine, vfio()));

    NodePlan withdrawn = plan(machine, SriovNetworkNodeStateSpec.EMPTY);
    assertThat(withdrawn.rebootReasons()).isEmpty();
    assertThat(carryOut(machine, withdrawn)).noneMatch(HostStepResult::failed);

    assertThat(plan(machine, SriovNetworkNodeStateSpec.EMPTY).isEmpty()).isTrue();
    assertThat(machine.paths.host(DROP_IN)).doesNotExist();
    machine.reboot();
    assertThat(Files.readString(machine.paths.proc().resolve("cmdline"))).doesNotContain("iommu");
  }

  @Test
  void whatTheAdministratorConfiguredIsNotTakenAway() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUBBY);
    machine.configured.add("iommu=pt");

    carryOut(machine, plan(machine, vfio()));
    carryOut(machine, plan(machine, SriovNetworkNodeStateSpec.EMPTY));

    assertThat(machine.configured).contains("iommu=pt").doesNotContain("intel_iommu=on");
  }

  @Test
  @Spec("03:K9")
  void anotherRdmaModeReplacesTheArgumentOfTheFirst() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);
    carryOut(machine, Planner.plan(rdma(RdmaMode.EXCLUSIVE), facts(machine, "shared")));
    machine.reboot();
    assertThat(Planner.plan(rdma(RdmaMode.EXCLUSIVE), facts(machine, "exclusive")).isEmpty())
        .isTrue();

    NodePlan back = Planner.plan(rdma(RdmaMode.SHARED), facts(machine, "exclusive"));
    assertThat(back.rebootReasons()).hasSize(2);
    assertThat(carryOut(machine, back)).noneMatch(HostStepResult::failed);
    machine.reboot();

    assertThat(Files.readString(machine.paths.proc().resolve("cmdline")))
        .contains("ib_core.netns_mode=1")
        .doesNotContain("ib_core.netns_mode=0");
    assertThat(Files.readString(machine.paths.host(Boot.RDMA_OPTIONS_FILE)))
        .endsWith("options ib_core netns_mode=1\n");
    assertThat(Planner.plan(rdma(RdmaMode.SHARED), facts(machine, "shared")).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  @Spec("03:K8")
  void aToolThatFailsFailsTheStepAndChangesNothing(BootLoader loader) throws Exception {
    var machine = new SimulatedMachine(folder, loader);
    machine.failing = 1;

    List<HostStepResult> results = carryOut(machine, plan(machine, vfio()));

    assertThat(results)
        .isNotEmpty()
        .allSatisfy(result ->
            assertThat(result.failure())
                .contains("add kernel argument intel_iommu=on with " + loader.tool())
                .contains("status 1")
                .contains("the tool's own words"));
    assertThat(machine.paths.host(DROP_IN)).doesNotExist();
    machine.failing = 0;
    assertThat(plan(machine, vfio()).hostSteps()).as("tried again").hasSize(2);
    assertThat(carryOut(machine, plan(machine, vfio()))).noneMatch(HostStepResult::failed);
    assertThat(plan(machine, vfio()).hostSteps()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aToolWithoutEffectIsNotBelieved(BootLoader loader) throws Exception {
    var machine = new SimulatedMachine(folder, loader);
    machine.withoutEffect = true;

    assertThat(carryOut(machine, plan(machine, vfio())).getFirst().failure())
        .contains("succeeded, but the next boot does not get intel_iommu=on");
  }

  @Test
  void aDaemonKilledWhileAToolRanFinishesItsWork() throws Exception {
    for (BootLoader loader : BootLoader.values()) {
      var machine = new SimulatedMachine(folder.resolve(loader.name()), loader);
      machine.before =
          command -> {
            if (!command.contains("info") && !command.equals("rpm-ostree kargs")) {
              throw new IllegalStateException("killed");
            }
          };
      assertThatThrownBy(() -> carryOut(machine, plan(machine, vfio())))
          .hasMessageContaining("killed");
      machine.before = _ -> {};

      assertThat(new StoredArguments(machine.paths).stateOf("iommu=pt")).contains(State.ADDING);
      carryOut(machine, plan(machine, vfio()));
      assertThat(new StoredArguments(machine.paths).stateOf("iommu=pt")).contains(State.ADDED);
      machine.reboot();
      assertThat(plan(machine, vfio()).rebootReasons()).isEmpty();
    }
  }

  @Test
  @Spec("03:Y26")
  void aBootLoaderThatIsNotInUseCostsOneReboot() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);
    carryOut(machine, plan(machine, vfio()));
    machine.reboot();
    SimulatedMachine.write(machine.paths.proc().resolve("cmdline"), "from another boot loader\n");
    Files.delete(machine.paths.sys().resolve("kernel/iommu_groups/0"));

    NodePlan plan = plan(machine, vfio());

    assertThat(plan.rebootReasons()).isEmpty();
    assertThat(plan.hostSteps()).isEmpty();
    assertThat(plan.refusals())
        .contains(new Refusal.KernelArgumentMissing("intel_iommu=on", BootLoader.GRUB));
  }

  @ParameterizedTest
  @CsvSource({
    "'vendor_id\t: GenuineIntel', INTEL",
    "'vendor_id\t: AuthenticAMD', AMD",
    "'vendor_id       : IBM/S390', S390",
    "'CPU implementer\t: 0x41', ARM",
    "'vendor_id\t: HygonGenuine', OTHER",
    "'', OTHER"
  })
  @Spec("03:K4")
  void knowsTheProcessorsMaker(String line, Boot.Cpu cpu) throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);
    SimulatedMachine.write(machine.paths.proc().resolve("cpuinfo"), "processor\t: 0\n" + line);

    assertThat(boot(machine).cpu()).isEqualTo(cpu);
  }

  @Test
  @Spec(value = "03:K16", differs = "every pass fails and says so until it is readable")
  void aHiddenCommandLineIsAnError() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);
    Files.delete(machine.paths.proc().resolve("cmdline"));

    assertThatThrownBy(() -> boot(machine))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cmdline");
  }

  @Test
  void startsNoProcessToLook() throws Exception {
    for (BootLoader loader : BootLoader.values()) {
      var machine = new SimulatedMachine(folder.resolve(loader.name()), loader);
      assertThat(boot(machine).loader()).isEqualTo(loader);
      assertThat(machine.commands()).isEmpty();
    }
  }

  @Test
  void aDamagedRecordIsAnEmptyOne() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);
    SimulatedMachine.write(machine.paths.host(Boot.STORED_ARGUMENTS_FILE), "{\"arguments\":[{");

    assertThat(boot(machine).stored()).isEmpty();
  }

  static Boot boot(SimulatedMachine machine) throws IOException {
    return new BootReader(machine.paths, machine).read();
  }

  private static NodePlan plan(SimulatedMachine machine, SriovNetworkNodeStateSpec desired)
      throws IOException {
    return Planner.plan(desired, facts(machine, null));
  }

  private static Inventory facts(SimulatedMachine machine, String rdmaMode) throws IOException {
    return new Inventory(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        false,
        rdmaMode,
        boot(machine));
  }

  static List<HostStepResult> carryOut(SimulatedMachine machine, NodePlan plan)
      throws InterruptedException {
    return steps(machine).execute(plan.hostSteps());
  }

  static HostSteps steps(SimulatedMachine machine) {
    return new HostSteps(
        machine.paths,
        machine,
        new HostRuntime(machine.paths.root().resolveSibling("image"), machine.paths, machine),
        machine::bootId);
  }

  private static SriovNetworkNodeStateSpec vfio() {
    var group = new VfGroup("dpdk", "vfio-pci", "0-1", "policy", 0, false, null);
    return new SriovNetworkNodeStateSpec(
        List.of(new Interface("0000:04:00.0", 2, 0, "eno1", null, null, false, List.of(group))),
        null,
        null);
  }

  private static SriovNetworkNodeStateSpec rdma(RdmaMode mode) {
    return new SriovNetworkNodeStateSpec(List.of(), null, new NodeSystem(mode));
  }

  @Test
  void filesAreWrittenRemovedAndUnitsEnabledWithoutAProcess() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);
    var results =
        steps(machine)
            .execute(
                List.of(
                    new HostStep.WriteFile("/etc/a/b", "text\n", "why"),
                    new HostStep.EnableUnit("sriov-config.service", "why"),
                    new HostStep.EnableUnit("sriov-config.service", "twice"),
                    new HostStep.RemoveFile("/etc/a/b", "why"),
                    new HostStep.RemoveFile("/etc/a/b", "twice")));

    assertThat(results).hasSize(5).noneMatch(HostStepResult::failed);
    assertThat(machine.paths.host("/etc/a/b")).doesNotExist();
    assertThat(
            Files.readSymbolicLink(
                machine.paths.host(
                    "/etc/systemd/system/multi-user.target.wants/sriov-config.service")))
        .isEqualTo(Path.of("/etc/systemd/system/sriov-config.service"));
    assertThat(machine.commands()).isEmpty();
  }

  @Test
  void theFirstFailureEndsTheSteps() throws Exception {
    var machine = new SimulatedMachine(folder, BootLoader.GRUB);
    SimulatedMachine.write(machine.paths.host("/etc/file"), "");

    List<HostStepResult> results =
        steps(machine)
            .execute(
                List.of(
                    new HostStep.WriteFile("/etc/file/below", "", "why"),
                    new HostStep.WriteFile("/etc/never", "", "why")));

    assertThat(results).hasSize(1);
    assertThat(results.getFirst().failure()).startsWith("write /etc/file/below: ");
    assertThat(machine.paths.host("/etc/never")).doesNotExist();
  }
}
