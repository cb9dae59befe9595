package io.sriov.plan.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.NodeSystem;
import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.plan.node.Boot.StoredArgument.State;
import io.sriov.plan.node.HostStep.AddKernelArgument;
import io.sriov.plan.node.HostStep.RemoveFile;
import io.sriov.plan.node.HostStep.RemoveKernelArgument;
import io.sriov.plan.node.HostStep.WriteFile;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPlanTest {

  private static final String PF = "0000:04:00.0";

  private final SimulatedBoot boot = new SimulatedBoot();

  @Test
  @Spec(
      value = "03:K1",
      differs = "only where the IOMMU is off: elsewhere the reboot brings nothing")
  @Spec("03:C25")
  void asksForBothArgumentsAndARebootWhenVfioNeedsTheIommuOfAnIntelHost() {
    NodePlan plan = plan(vfio());

    assertThat(plan.hostSteps())
        .containsExactly(
            new AddKernelArgument("intel_iommu=on", BootLoader.GRUB),
            new AddKernelArgument("iommu=pt", BootLoader.GRUB));
    assertThat(plan.rebootReasons())
        .containsExactly(
            "kernel argument intel_iommu=on is wanted, but the running kernel has not got it",
            "kernel argument iommu=pt is wanted, but the running kernel has not got it");
    assertThat(plan.refusals()).as("it is on its way").isEmpty();
    assertThat(plan.steps()).as("the PF waits for the reboot").isEmpty();
  }

  @Test
  void needsNoRebootWhereTheIommuIsOnAlready() {
    boot.inBoth("intel_iommu=on");

    assertThat(plan(vfio()).hostSteps()).isEmpty();
    assertThat(plan(vfio()).rebootReasons()).isEmpty();
    assertThat(plan(vfio()).steps()).anyMatch(Step.BindDriver.class::isInstance);
  }

  @Test
  @Spec("03:K2")
  void anAmdHostNeedsPassThroughOnly() {
    boot.cpu = Boot.Cpu.AMD;
    boot.iommuInFirmware = false;

    assertThat(plan(vfio()).hostSteps())
        .containsExactly(new AddKernelArgument("iommu=pt", BootLoader.GRUB));
    assertThat(plan(vfio()).rebootReasons()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"ARM", "S390"})
  @Spec("03:K3")
  void noArgumentHelpsOnOtherProcessors(Boot.Cpu cpu) {
    boot.cpu = cpu;
    boot.iommuInFirmware = false;

    assertThat(plan(vfio()).hostSteps()).isEmpty();
    assertThat(plan(vfio()).rebootReasons()).isEmpty();
    assertThat(plan(vfio()).refusals()).hasOnlyElementsOfType(Refusal.IommuOff.class);
  }

  @Test
  @Spec("03:K4")
  void anUnknownProcessorIsTreatedAsIntel() {
    boot.cpu = Boot.Cpu.OTHER;
    boot.iommuInFirmware = false;

    assertThat(plan(vfio()).hostSteps())
        .containsExactly(
            new AddKernelArgument("intel_iommu=on", BootLoader.GRUB),
            new AddKernelArgument("iommu=pt", BootLoader.GRUB));
  }

  @Test
  @Spec("03:K5")
  void anArgumentThatIsThereStaysWithoutVfio() {
    boot.inBoth("intel_iommu=on");

    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).isEmpty()).isTrue();
  }

  @Test
  @Spec("03:K6")
  void anArgumentWithMoreToItIsAnotherOne() {
    boot.inBoth("intel_iommu=on,sm_on");
    boot.inBoth("iommu=pt");

    assertThat(plan(vfio()).hostSteps())
        .containsExactly(new AddKernelArgument("intel_iommu=on", BootLoader.GRUB));
  }

  @Test
  @Spec(
      value = "03:K7",
      differs = "a host without a tool never asks for a reboot that cannot bring the argument")
  @Spec("03:Y26")
  void refusesInsteadOfRebootingWhereNoToolSetsArguments() {
    boot.loader = null;

    NodePlan plan = plan(vfio());

    assertThat(plan.rebootReasons()).isEmpty();
    assertThat(plan.hostSteps()).isEmpty();
    assertThat(plan.refusals())
        .contains(
            new Refusal.KernelArgumentsUnmanaged("intel_iommu=on", true),
            new Refusal.KernelArgumentsUnmanaged("iommu=pt", true));
    assertThat(plan.refusals().getFirst().message())
        .isEqualTo(
            "kernel argument intel_iommu=on is needed, but none of update-grub, grubby and"
                + " rpm-ostree is on this host: change the boot loader's configuration yourself and"
                + " reboot");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Spec("03:Y26")
  void oneRebootThatBringsNothingIsTheLast(boolean nextReadable) {
    boot.loaderInUse = false;
    boot.nextReadable = nextReadable;
    boot.apply(plan(vfio()).hostSteps());
    assertThat(plan(vfio()).rebootReasons()).as("pending").hasSize(2);

    boot.reboot();

    assertThat(plan(vfio()).rebootReasons()).isEmpty();
    assertThat(plan(vfio()).hostSteps()).isEmpty();
    assertThat(plan(vfio()).refusals())
        .contains(new Refusal.KernelArgumentMissing("intel_iommu=on", BootLoader.GRUB));
    assertThat(plan(vfio()).refusals().getFirst().message())
        .contains("was set with update-grub before this boot")
        .contains("remove /etc/sriov-operator/kernel-arguments.json");
  }

  @Test
  void theRebootBringsTheIommuAndThePfIsConfigured() {
    boot.apply(plan(vfio()).hostSteps());
    boot.reboot();

    NodePlan plan = plan(vfio());

    assertThat(plan.hostSteps()).isEmpty();
    assertThat(plan.rebootReasons()).isEmpty();
    assertThat(plan.refusals()).isEmpty();
    assertThat(plan.steps()).anyMatch(Step.BindDriver.class::isInstance);
  }

  @Test
  void anIommuThatTheFirmwareHidesIsRefusedAfterTheReboot() {
    boot.iommuInFirmware = false;
    boot.apply(plan(vfio()).hostSteps());
    boot.reboot();

    assertThat(plan(vfio()).rebootReasons()).isEmpty();
    assertThat(plan(vfio()).refusals()).hasOnlyElementsOfType(Refusal.IommuOff.class);
  }

  @Test
  void whatWasAddedAndIsNotWantedAnyMoreIsTakenAwayBeforeTheReboot() {
    boot.apply(plan(vfio()).hostSteps());

    NodePlan withdrawn = plan(SriovNetworkNodeStateSpec.EMPTY);

    assertThat(withdrawn.rebootReasons()).isEmpty();
    assertThat(withdrawn.hostSteps())
        .containsExactly(
            new RemoveKernelArgument("intel_iommu=on", BootLoader.GRUB),
            new RemoveKernelArgument("iommu=pt", BootLoader.GRUB));
    boot.apply(withdrawn.hostSteps());
    assertThat(boot.nextArguments()).containsExactly("quiet");
    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).isEmpty()).isTrue();
  }

  @Test
  void whatSomebodyElseSetIsNotTakenAway() {
    boot.next.add("iommu=pt");
    boot.apply(plan(vfio()).hostSteps());

    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).hostSteps())
        .containsExactly(new RemoveKernelArgument("intel_iommu=on", BootLoader.GRUB));
  }

  @Test
  void whatAnInterruptedDaemonLeftHalfDoneIsDoneOnceMore() {
    boot.store("intel_iommu=on", State.ADDING);
    boot.next.add("intel_iommu=on");
    boot.store("iommu=pt", State.REMOVING);

    assertThat(plan(vfio()).hostSteps())
        .containsExactly(
            new AddKernelArgument("intel_iommu=on", BootLoader.GRUB),
            new AddKernelArgument("iommu=pt", BootLoader.GRUB));
    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).hostSteps())
        .containsExactly(
            new RemoveKernelArgument("intel_iommu=on", BootLoader.GRUB),
            new RemoveKernelArgument("iommu=pt", BootLoader.GRUB));
  }

  @Test
  @Spec("03:K9")
  void anotherRdmaModeReplacesArgumentAndFileAndReboots() {
    boot.inBoth("ib_core.netns_mode=1");

    NodePlan plan = plan(rdma(RdmaMode.EXCLUSIVE));

    assertThat(plan.hostSteps())
        .containsExactlyInAnyOrder(
            new AddKernelArgument("ib_core.netns_mode=0", BootLoader.GRUB),
            new RemoveKernelArgument("ib_core.netns_mode=1", BootLoader.GRUB),
            new WriteFile(
                "/etc/modprobe.d/sriov_network_operator_modules_config.conf",
                """
                # This file is managed by sriov-network-operator do not edit.
                options ib_core netns_mode=0
                """,
                "RDMA network namespace mode shall be exclusive"));
    assertThat(plan.rebootReasons())
        .containsExactly(
            "kernel argument ib_core.netns_mode=1 is not wanted, but the running kernel has got it",
            "kernel argument ib_core.netns_mode=0 is wanted, but the running kernel has not got"
                + " it");
    boot.apply(plan.hostSteps());
    assertThat(plan(rdma(RdmaMode.EXCLUSIVE)).hostSteps()).isEmpty();
    assertThat(plan(rdma(RdmaMode.EXCLUSIVE)).rebootReasons()).hasSize(2);
    boot.reboot();
    assertThat(plan(rdma(RdmaMode.EXCLUSIVE)).isEmpty()).isTrue();
  }

  @Test
  @Spec(
      value = "03:C26",
      differs = "the mode decides, not the argument: what the kernel does anyway needs no reboot")
  void theModeThatTheKernelHasAnywayIsOnlyWrittenDown() {
    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).isEmpty()).isTrue();
    assertThat(Planner.plan(rdma(RdmaMode.SHARED), inventory("exclusive")).rebootReasons())
        .containsExactly(
            "kernel argument ib_core.netns_mode=1 is wanted, but the running kernel has not got"
                + " it");

    NodePlan plan = plan(rdma(RdmaMode.SHARED));

    assertThat(plan.hostSteps()).singleElement().isInstanceOf(WriteFile.class);
    assertThat(plan.rebootReasons()).isEmpty();
  }

  @Test
  void aModeThatSomebodySwitchedIsToldOfInsteadOfRebootedForEver() {
    boot.inBoth("ib_core.netns_mode=0");
    boot.apply(plan(rdma(RdmaMode.EXCLUSIVE)).hostSteps());
    Inventory switched = inventory("shared");

    NodePlan plan = Planner.plan(rdma(RdmaMode.EXCLUSIVE), switched);

    assertThat(plan.rebootReasons()).isEmpty();
    assertThat(plan.refusals()).containsExactly(new Refusal.RdmaModeDiffers("exclusive", "shared"));
  }

  @Test
  @Spec("03:K10")
  void theFileGoesWithTheModeWithoutAReboot() {
    boot.apply(plan(rdma(RdmaMode.SHARED)).hostSteps());

    NodePlan plan = plan(SriovNetworkNodeStateSpec.EMPTY);

    assertThat(plan.hostSteps())
        .containsExactly(
            new RemoveFile(
                "/etc/modprobe.d/sriov_network_operator_modules_config.conf",
                "RDMA network namespace mode is not managed any more"));
    assertThat(plan.rebootReasons()).isEmpty();
  }

  @Test
  void theArgumentOfTheGoDaemonIsKnownByItsFile() {
    boot.apply(plan(rdma(RdmaMode.EXCLUSIVE)).hostSteps());
    boot.reboot();
    boot.stored.clear();

    NodePlan plan = plan(SriovNetworkNodeStateSpec.EMPTY);

    assertThat(plan.hostSteps())
        .contains(new RemoveKernelArgument("ib_core.netns_mode=0", BootLoader.GRUB));
    boot.apply(plan.hostSteps());
    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).rebootReasons()).hasSize(1);
    boot.reboot();
    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).isEmpty()).isTrue();
  }

  @Test
  void anAdministratorsModeStaysWhenNoneIsManaged() {
    boot.inBoth("ib_core.netns_mode=0");

    assertThat(plan(SriovNetworkNodeStateSpec.EMPTY).isEmpty()).isTrue();
  }

  @Test
  @Spec("03:K15")
  void whatIsInPlaceIsNotAskedForAgainByALaterPolicy() {
    boot.apply(plan(vfio()).hostSteps());
    boot.reboot();
    boot.cpu = Boot.Cpu.AMD;

    for (int vfs = 1; vfs < 4; vfs++) {
      var group = new VfGroup("dpdk", "vfio-pci", "0-" + (vfs - 1), "other", 0, false, null);
      var more =
          new SriovNetworkNodeStateSpec(
              List.of(new Interface(PF, vfs, 0, "eno1", null, null, false, List.of(group))),
              null,
              null);
      assertThat(plan(more).hostSteps()).isEmpty();
      assertThat(plan(more).rebootReasons()).isEmpty();
    }
  }

  @Test
  @Spec("03:Y2")
  void switchdevModeAloneIsNoReasonForAReboot() {
    var switchdev =
        new SriovNetworkNodeStateSpec(
            List.of(new Interface(PF, 2, 0, "eno1", null, "switchdev", false, List.of())),
            null,
            null);

    assertThat(plan(switchdev).hostSteps()).isEmpty();
    assertThat(plan(switchdev).rebootReasons()).isEmpty();
  }

  /** Whatever was wished before, wherever it was interrupted: at most one reboot, then rest. */
  @Test
  void everyHostComesToRestAfterOneReboot() {
    for (long seed = 0; seed < 3000; seed++) {
      var random = new Random(seed);
      var host = randomBoot(random);
      for (int wish = 0; wish < 3; wish++) {
        var desired = randomWish(random);
        NodePlan plan = Planner.plan(desired, inventoryOf(host));
        host.apply(plan.hostSteps());
        NodePlan pending = Planner.plan(desired, inventoryOf(host));
        assertThat(pending.hostSteps()).as("seed %d", seed).isEmpty();
        assertThat(pending.rebootReasons()).as("seed %d", seed).isEqualTo(plan.rebootReasons());
        if (!pending.rebootReasons().isEmpty() && random.nextInt(4) > 0) {
          host.reboot();
          NodePlan after = Planner.plan(desired, inventoryOf(host));
          assertThat(after.hostSteps()).as("seed %d", seed).isEmpty();
          assertThat(after.rebootReasons()).as("seed %d", seed).isEmpty();
        }
      }
    }
  }

  private static SimulatedBoot randomBoot(Random random) {
    var host = new SimulatedBoot();
    host.cpu = Boot.Cpu.values()[random.nextInt(Boot.Cpu.values().length)];
    host.loader = random.nextInt(6) == 0 ? null : BootLoader.values()[random.nextInt(3)];
    host.iommuInFirmware = random.nextInt(4) > 0;
    host.nextReadable = host.loader == BootLoader.GRUB && random.nextInt(8) > 0;
    host.loaderInUse = host.loader == null || random.nextInt(6) > 0;
    host.rdmaMode = random.nextInt(5) == 0 ? null : "shared";
    for (String argument :
        List.of("intel_iommu=on", "iommu=pt", "ib_core.netns_mode=0", "ib_core.netns_mode=1")) {
      if (random.nextInt(5) == 0) {
        host.inBoth(argument);
      }
    }
    return host;
  }

  private static SriovNetworkNodeStateSpec randomWish(Random random) {
    RdmaMode mode =
        switch (random.nextInt(3)) {
          case 0 -> RdmaMode.SHARED;
          case 1 -> RdmaMode.EXCLUSIVE;
          default -> null;
        };
    return new SriovNetworkNodeStateSpec(
        random.nextBoolean() ? vfio().interfaces() : List.of(), null, new NodeSystem(mode));
  }

  private NodePlan plan(SriovNetworkNodeStateSpec desired) {
    return Planner.plan(desired, inventoryOf(boot));
  }

  private Inventory inventory(@Nullable String rdmaMode) {
    return inventoryOf(boot, rdmaMode);
  }

  private static Inventory inventoryOf(SimulatedBoot boot) {
    return inventoryOf(boot, boot.runningRdmaMode());
  }

  private static Inventory inventoryOf(SimulatedBoot boot, @Nullable String rdmaMode) {
    var host = new SimulatedHost(new Random(1));
    var pf = host.addPf(PF);
    pf.totalVfs = 4;
    pf.iommu = boot.facts().iommu();
    Inventory found = host.inventory();
    return new Inventory(
        found.pfs(),
        found.records(),
        found.udevRules(),
        found.initial(),
        found.inUse(),
        found.pciDrivers(),
        found.vfDeviceIds(),
        found.noIommu(),
        rdmaMode,
        boot.facts());
  }

  private static SriovNetworkNodeStateSpec vfio() {
    var group = new VfGroup("dpdk", "vfio-pci", "0-1", "policy", 0, false, null);
    return new SriovNetworkNodeStateSpec(
        List.of(new Interface(PF, 2, 0, "eno1", null, null, false, List.of(group))), null, null);
  }

  private static SriovNetworkNodeStateSpec rdma(RdmaMode mode) {
    return new SriovNetworkNodeStateSpec(List.of(), null, new NodeSystem(mode));
  }
}
