package io.sriov.node.reconcile;

import io.sriov.node.apply.HostStepResult;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Boot.StoredArgument;
import io.sriov.plan.node.Boot.StoredArgument.State;
import io.sriov.plan.node.BootLoader;
import io.sriov.plan.node.HostStep;
import io.sriov.plan.node.SimulatedHost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A machine that takes new kernel arguments when it is rebooted, and loses its VFs then. */
final class SimulatedMachine {

  private final SimulatedHost host;
  private final Set<String> running = new LinkedHashSet<>(List.of("quiet"));
  private final Set<String> next = new LinkedHashSet<>(running);
  private final Map<String, StoredArgument> stored = new LinkedHashMap<>();
  private final List<String> done = new ArrayList<>();
  private int boots = 1;
  private int asked;
  private boolean forgetful;
  private String refusal;

  SimulatedMachine(SimulatedHost host) {
    this.host = host;
  }

  /** Its boot loader's configuration is made anew at each boot, without what others added. */
  void forgetful() {
    forgetful = true;
  }

  /** systemd refuses reboots, with these words; null ends that. */
  synchronized void refusing(String words) {
    refusal = words;
  }

  synchronized Boot facts() {
    return new Boot(
        "boot-" + boots,
        List.copyOf(running),
        Boot.Cpu.INTEL,
        running.contains("intel_iommu=on"),
        BootLoader.GRUB,
        List.copyOf(stored.values()),
        List.copyOf(next),
        null);
  }

  /** Steps of the node itself that were carried out, and reboots that were asked for, in order. */
  synchronized List<String> done() {
    return List.copyOf(done);
  }

  synchronized int reboots() {
    return asked;
  }

  synchronized List<HostStepResult> carryOut(List<HostStep> steps) {
    var results = new ArrayList<HostStepResult>();
    for (HostStep step : steps) {
      if (step instanceof HostStep.AddKernelArgument(var argument, _)) {
        next.add(argument);
        stored.put(argument, new StoredArgument(argument, State.ADDED, "boot-" + boots));
        done.add("add " + argument);
      } else if (step instanceof HostStep.RemoveKernelArgument(var argument, _)) {
        next.remove(argument);
        stored.put(argument, new StoredArgument(argument, State.REMOVED, "boot-" + boots));
        done.add("remove " + argument);
      } else {
        throw new AssertionError(step);
      }
      results.add(new HostStepResult(step, Duration.ZERO, null));
    }
    return results;
  }

  synchronized void reboot() throws IOException {
    if (refusal != null) {
      throw new IOException(refusal);
    }
    asked++;
    done.add("reboot");
  }

  /** The machine is up again; the daemon has not been started yet. */
  synchronized void comesUp() {
    boots++;
    running.clear();
    if (forgetful) {
      next.clear();
      next.add("quiet");
    }
    running.addAll(next);
    for (var pf : host.inventory().pfs()) {
      host.pf(pf.pci().value()).iommu = running.contains("intel_iommu=on");
      host.writeNumVfs(pf.pci(), 0);
    }
  }
}
