package io.sriov.plan.node;

import io.sriov.plan.node.Boot.StoredArgument;
import io.sriov.plan.node.Boot.StoredArgument.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A host with a boot loader, whose kernel gets new arguments at a reboot only. */
final class SimulatedBoot {

  Boot.Cpu cpu = Boot.Cpu.INTEL;
  @Nullable BootLoader loader = BootLoader.GRUB;

  /** Whether the firmware has an IOMMU that the kernel can switch on. */
  boolean iommuInFirmware = true;

  /** Whether the machine starts through the boot loader that its tools configure. */
  boolean loaderInUse = true;

  /** Whether what the boot loader passes can be read without its tool. */
  boolean nextReadable = true;

  /** Mode of the RDMA core without argument or file; absent without RDMA. */
  @Nullable String rdmaMode = "shared";

  /** Words in the running kernel's command line, and in the boot loader's configuration. */
  final Set<String> running = new LinkedHashSet<>(List.of("quiet"));

  final Set<String> next = new LinkedHashSet<>(List.of("quiet"));
  final Map<String, StoredArgument> stored = new LinkedHashMap<>();
  final Map<String, String> files = new LinkedHashMap<>();
  int boots = 1;

  void inBoth(String argument) {
    running.add(argument);
    next.add(argument);
  }

  Boot facts() {
    return new Boot(
        "boot-" + boots,
        List.copyOf(running),
        cpu,
        iommu(),
        loader,
        List.copyOf(stored.values()),
        loader != null && nextReadable ? List.copyOf(next) : null,
        files.get(Boot.RDMA_OPTIONS_FILE));
  }

  /** What the RDMA core runs with: an argument of the kernel wins over the file. */
  @Nullable String runningRdmaMode() {
    if (rdmaMode == null) {
      return null;
    }
    String mode = rdmaModeOfFile == null ? rdmaMode : rdmaModeOfFile;
    for (String word : running) {
      if (word.startsWith("ib_core.netns_mode=")) {
        mode = word.endsWith("=1") ? "shared" : "exclusive";
      }
    }
    return mode;
  }

  private @Nullable String rdmaModeOfFile;

  private boolean iommu() {
    return iommuInFirmware && (cpu != Boot.Cpu.INTEL || running.contains("intel_iommu=on"));
  }

  void reboot() {
    boots++;
    if (loaderInUse) {
      running.clear();
      running.addAll(next);
    }
    String options = files.get(Boot.RDMA_OPTIONS_FILE);
    rdmaModeOfFile = options == null ? null : options.contains("=1") ? "shared" : "exclusive";
  }

  void apply(List<HostStep> steps) {
    steps.forEach(this::apply);
  }

  private void apply(HostStep step) {
    switch (step) {
      case HostStep.AddKernelArgument(var argument, _) ->
          store(argument, next.add(argument) ? State.ADDED : found(argument));
      case HostStep.RemoveKernelArgument(var argument, _) -> {
        next.remove(argument);
        store(argument, State.REMOVED);
      }
      case HostStep.WriteFile(var path, var content, _) -> files.put(path, content);
      case HostStep.RemoveFile(var path, _) -> files.remove(path);
      case HostStep.InstallRuntime _, HostStep.RemoveRuntime _, HostStep.EnableUnit _ ->
          throw new AssertionError(step);
    }
  }

  /** An argument that the loader has already may have been added by us earlier. */
  private State found(String argument) {
    StoredArgument before = stored.get(argument);
    return before == null ? State.FOUND : before.state();
  }

  void store(String argument, State state) {
    stored.put(argument, new StoredArgument(argument, state, "boot-" + boots));
  }

  List<String> nextArguments() {
    return new ArrayList<>(next);
  }
}
