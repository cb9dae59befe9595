package io.sriov.plan.node;

import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.plan.node.Boot.StoredArgument.State;
import java.util.ArrayList;
import java.util.List;

/**
 * What the node itself needs, of no PF: kernel arguments for the IOMMU and the RDMA network
 * namespace mode (spec 03 §4.3).
 *
 * @param iommuAfterReboot whether the IOMMU is off, but a reboot may switch it on
 */
record HostPlan(
    List<HostStep> steps,
    List<String> rebootReasons,
    List<Refusal> refusals,
    boolean iommuAfterReboot) {

  private static final String INTEL_IOMMU = "intel_iommu=on";
  private static final String IOMMU_PASS_THROUGH = "iommu=pt";
  private static final String RDMA_EXCLUSIVE = "ib_core.netns_mode=0";
  private static final String RDMA_SHARED = "ib_core.netns_mode=1";

  static HostPlan of(SriovNetworkNodeStateSpec desired, Inventory inventory) {
    Boot boot = inventory.boot();
    if (boot.id().isEmpty()) {
      return new HostPlan(List.of(), List.of(), List.of(), false);
    }
    var arguments = new KernelArgumentPlan(boot);
    boolean iommuAfterReboot = iommu(desired, inventory, arguments);
    List<HostStep> files = rdma(desired, inventory, arguments);
    var steps = new ArrayList<>(arguments.steps());
    steps.addAll(files);
    return new HostPlan(steps, arguments.rebootReasons(), arguments.refusals(), iommuAfterReboot);
  }

  private static boolean iommu(
      SriovNetworkNodeStateSpec desired, Inventory inventory, KernelArgumentPlan arguments) {
    Boot boot = inventory.boot();
    if (!wantsVfio(desired)) {
      arguments.withdrawUnused(INTEL_IOMMU);
      arguments.withdrawUnused(IOMMU_PASS_THROUGH);
      return false;
    }
    if (boot.iommu() || inventory.noIommu()) {
      // The arguments would change nothing but cost a reboot.
      return false;
    }
    boolean rebooting = false;
    for (String argument : iommuArguments(boot.cpu())) {
      rebooting |= arguments.want(argument);
    }
    return rebooting;
  }

  private static List<String> iommuArguments(Boot.Cpu cpu) {
    return switch (cpu) {
      case INTEL, OTHER -> List.of(INTEL_IOMMU, IOMMU_PASS_THROUGH);
      case AMD -> List.of(IOMMU_PASS_THROUGH);
      case ARM, S390 -> List.of();
    };
  }

  private static boolean wantsVfio(SriovNetworkNodeStateSpec desired) {
    return desired.interfaces().stream()
        .filter(pf -> pf.numVfs() > 0)
        .flatMap(pf -> pf.vfGroups().stream())
        .anyMatch(group -> "vfio-pci".equals(group.deviceType()));
  }

  /** The file comes last: as long as it is there the arguments are known to be the operator's. */
  private static List<HostStep> rdma(
      SriovNetworkNodeStateSpec desired, Inventory inventory, KernelArgumentPlan arguments) {
    Boot boot = inventory.boot();
    RdmaMode mode = desired.system() == null ? null : desired.system().rdmaMode();
    if (mode == null) {
      return rdmaUnmanaged(boot, arguments);
    }
    String wanted = mode == RdmaMode.EXCLUSIVE ? RDMA_EXCLUSIVE : RDMA_SHARED;
    String other = mode == RdmaMode.EXCLUSIVE ? RDMA_SHARED : RDMA_EXCLUSIVE;
    // Whoever set it: both at once contradict each other.
    arguments.refuse(other);
    String running = inventory.rdmaMode();
    if (running != null && !running.equals(mode.value())) {
      boolean rebooting = arguments.want(wanted);
      if (!rebooting && boot.has(wanted) && !boot.has(other)) {
        arguments.refusals().add(new Refusal.RdmaModeDiffers(mode.value(), running));
      }
    } else {
      // Without RDMA in the kernel yet, or in the mode already: the file is enough.
      arguments.keep(wanted);
    }
    String content = rdmaOptions(mode);
    return content.equals(boot.rdmaOptions())
        ? List.of()
        : List.of(
            new HostStep.WriteFile(
                Boot.RDMA_OPTIONS_FILE,
                content,
                "RDMA network namespace mode shall be " + mode.value()));
  }

  private static List<HostStep> rdmaUnmanaged(Boot boot, KernelArgumentPlan arguments) {
    boolean managed = boot.rdmaOptions() != null;
    for (String argument : List.of(RDMA_EXCLUSIVE, RDMA_SHARED)) {
      // The Go daemon keeps no record of its arguments, but its file tells that they are its own.
      if (managed && !foundByUs(boot, argument)) {
        arguments.refuse(argument);
      } else {
        arguments.withdraw(argument);
      }
    }
    return managed
        ? List.of(
            new HostStep.RemoveFile(
                Boot.RDMA_OPTIONS_FILE, "RDMA network namespace mode is not managed any more"))
        : List.of();
  }

  private static boolean foundByUs(Boot boot, String argument) {
    return boot.stored().stream()
        .anyMatch(entry -> entry.argument().equals(argument) && entry.state() == State.FOUND);
  }

  private static String rdmaOptions(RdmaMode mode) {
    return "# This file is managed by sriov-network-operator do not edit.\n"
        + "options ib_core netns_mode="
        + (mode == RdmaMode.SHARED ? "1" : "0")
        + "\n";
  }
}
