package io.sriov.node.apply;

import static java.util.Objects.requireNonNull;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.node.host.Host;
import io.sriov.node.host.SwitchPort;
import io.sriov.plan.node.Blocked;
import io.sriov.plan.node.Disruption;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.PfPlan;
import io.sriov.plan.node.Step;
import io.sriov.plan.node.UdevRules;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out a plan: PFs beside each other, and the VFs of a PF too. A failed step ends its VF, or
 * its PF if it is none of a VF; everything else goes on. Threads are platform threads, because a
 * sysfs write that makes VFs lasts seconds and would pin a virtual thread's carrier.
 */
public final class StepExecutor implements AutoCloseable {

  /** For the devices of new VFs to appear (spec 03 §8). */
  private static final Duration VF_DEVICES = Duration.ofMinutes(2);

  /** More would only queue on the kernel's rtnl lock. */
  private static final int CONCURRENT_VFS = 16;

  /**
   * Settings in one message, during which nobody else gets that lock; some drivers reset the VF.
   */
  private static final int TOGETHER = 8;

  private static final Logger log = LoggerFactory.getLogger(StepExecutor.class);

  private final Host host;
  private final ExecutorService pfThreads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("pf-", 0).factory());
  private final ExecutorService vfThreads =
      Executors.newFixedThreadPool(
          CONCURRENT_VFS, Thread.ofPlatform().daemon().name("vf-", 0).factory());

  public StepExecutor(Host host) {
    this.host = host;
  }

  /** Who holds what a step is about to take. */
  @FunctionalInterface
  public interface Guard {

    /** Nobody is asked. */
    Guard NONE = _ -> List.of();

    /** Called on several threads, right before a step that takes VFs from whoever holds them. */
    List<VfInUse> holders(Step step) throws IOException;
  }

  /**
   * Returns when every step is done, failed, or given up because an earlier one failed.
   *
   * @param guard between plan and step a pod may have got a VF: a step that it finds held is not
   *     carried out
   */
  public List<StepResult> execute(NodePlan plan, Guard guard) throws InterruptedException {
    List<Future<List<StepResult>>> running =
        plan.pfs().stream()
            .filter(pf -> !pf.steps().isEmpty())
            .map(pf -> pfThreads.submit(() -> executePf(pf, guard)))
            .toList();
    return joined(running);
  }

  private List<StepResult> executePf(PfPlan plan, Guard guard) throws InterruptedException {
    var results = new ArrayList<StepResult>();
    int next = 0;
    while (next < plan.steps().size()) {
      Step step = plan.steps().get(next);
      if (step instanceof Step.OfVf) {
        var ofVfs = new LinkedHashMap<Integer, List<Step.OfVf>>();
        while (next < plan.steps().size() && plan.steps().get(next) instanceof Step.OfVf ofVf) {
          ofVfs.computeIfAbsent(ofVf.vf(), _ -> new ArrayList<>()).add(ofVf);
          next++;
        }
        results.addAll(executeVfs(plan.pf(), ofVfs, guard));
      } else {
        results.add(result(step, "", guard, () -> executePfStep(step)));
        next++;
      }
      if (results.stream().anyMatch(StepResult::ends)) {
        break;
      }
    }
    return results;
  }

  private List<StepResult> executeVfs(
      PciAddress pf, Map<Integer, List<Step.OfVf>> ofVfs, Guard guard) throws InterruptedException {
    var results = new ArrayList<>(adminMacs(pf, ofVfs));
    List<Future<List<StepResult>>> running =
        ofVfs.entrySet().stream()
            .filter(vf -> !vf.getValue().isEmpty())
            .map(vf -> vfThreads.submit(() -> executeVf(pf, vf.getKey(), vf.getValue(), guard)))
            .toList();
    results.addAll(joined(running));
    return results;
  }

  /**
   * Sets the addresses of the VFs that begin with this step and have their netdev, in few messages:
   * each waits for the kernel's rtnl lock, for which udev queues at this moment too. The step is
   * then taken from {@code ofVfs}; if the kernel refuses one, each VF does it by itself.
   */
  private List<StepResult> adminMacs(PciAddress pf, Map<Integer, List<Step.OfVf>> ofVfs) {
    var results = new ArrayList<StepResult>();
    var left =
        new ArrayDeque<>(
            ofVfs.entrySet().stream()
                .filter(vf -> vf.getValue().getFirst() instanceof Step.SetVfAdminMac)
                .map(Map.Entry::getKey)
                .toList());
    try {
      while (!left.isEmpty()) {
        long start = System.nanoTime();
        var macs = new TreeMap<Integer, String>();
        while (!left.isEmpty() && macs.size() < TOGETHER) {
          int vf = left.remove();
          host.mac(pf, vf).ifPresent(mac -> macs.put(vf, mac));
        }
        if (macs.isEmpty()) {
          break;
        }
        host.setAdminMacs(pf, macs);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        log.atDebug()
            .addKeyValue("pf", pf)
            .addKeyValue("vfs", macs.keySet())
            .addKeyValue("ms", took.toMillis())
            .log("administrative MAC addresses set");
        for (int vf : macs.keySet()) {
          List<Step.OfVf> steps = requireNonNull(ofVfs.get(vf));
          results.add(new StepResult(steps.getFirst(), took.dividedBy(macs.size()), null, false));
          ofVfs.put(vf, steps.subList(1, steps.size()));
        }
      }
    } catch (IOException e) {
      log.debug("addresses of the VFs of {} are set one by one: {}", pf, e.getMessage());
    }
    return results;
  }

  private List<StepResult> executeVf(PciAddress pf, int vf, List<Step.OfVf> steps, Guard guard)
      throws InterruptedException {
    var ofVf = new VfSteps(host, pf, vf);
    String address = addressOf(pf, vf);
    var results = new ArrayList<StepResult>();
    for (Step.OfVf step : steps) {
      StepResult result = result(step, address, guard, () -> ofVf.run(step));
      results.add(result);
      if (result.ends()) {
        break;
      }
    }
    return results;
  }

  private String addressOf(PciAddress pf, int vf) {
    try {
      return host.vf(pf, vf).map(PciAddress::value).orElse("");
    } catch (IOException e) {
      log.debug("address of VF {} of {} is unknown: {}", vf, pf, e.getMessage());
      return "";
    }
  }

  @FunctionalInterface
  private interface Action {
    void run() throws IOException, InterruptedException;
  }

  private static StepResult result(Step step, String vfAddress, Guard guard, Action action)
      throws InterruptedException {
    long start = System.nanoTime();
    try {
      List<VfInUse> holders =
          step.disruption() == Disruption.DRAIN ? guard.holders(step) : List.of();
      if (!holders.isEmpty()) {
        log.info("{} is put off: {}", Advice.name(step), new Blocked(step, holders).message());
        return new StepResult(step, Duration.ZERO, null, true);
      }
      action.run();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      (step instanceof Step.OfVf ? log.atDebug() : log.atInfo())
          .addKeyValue("pf", step.pf())
          .addKeyValue("vf", step instanceof Step.OfVf ofVf ? ofVf.vf() : -1)
          .addKeyValue("ms", took.toMillis())
          .log("{}: {}", Advice.name(step), step.reason());
      return new StepResult(step, took, null, false);
    } catch (IOException e) {
      String failure = Advice.failure(step, vfAddress, e);
      log.error("{}", failure);
      return new StepResult(step, Duration.ofNanos(System.nanoTime() - start), failure, false);
    }
  }

  private void executePfStep(Step step) throws IOException, InterruptedException {
    PciAddress pf = step.pf();
    switch (step) {
      case Step.LoadModule load -> host.loadModule(load.module());
      case Step.SavePfRecord save -> host.saveRecord(pf, save.spec());
      case Step.RemovePfRecord _ -> host.removeRecord(pf);
      case Step.WriteUdevRule rule -> host.writeUdevRule(rule.file(), rule.content());
      case Step.RemoveUdevRule rule -> host.removeUdevRule(rule.file());
      case Step.SetPfMtu mtu -> host.setPfMtu(pf, mtu.to());
      case Step.SetPfUp _ -> host.setPfUp(pf);
      case Step.EnableAutoprobe _ -> host.enableAutoprobe(pf);
      case Step.ResizeVfs resize -> resize(resize);
      case Step.SetEswitchMode mode -> host.setEswitchMode(pf, mode.to());
      case Step.EnableTcOffload _ -> host.enableTcOffload(pf);
      case Step.SetFlowSteering _ -> setFlowSteering(pf);
      case Step.NameRepresentors name -> nameRepresentors(name);
      case Step.OfVf ofVf -> throw new IllegalStateException("not a step of a PF: " + ofVf);
    }
  }

  private void resize(Step.ResizeVfs step) throws IOException, InterruptedException {
    PciAddress pf = step.pf();
    int count = step.to();
    int found = host.numVfs(pf);
    if (found > 0 && found != step.from()) {
      // Nobody asked whether pods hold these, not even if it is the wanted number.
      throw new LinuxException(
          Errno.EAGAIN,
          "write " + count + " to sriov_numvfs of " + pf,
          "somebody else made " + found + " VFs meanwhile");
    }
    if (found != count && found > 0) {
      host.writeNumVfs(pf, 0);
    }
    if (found != count && count > 0) {
      host.writeNumVfs(pf, count);
    }
    if (!host.await(() -> host.presentVfs(pf) >= count, VF_DEVICES)) {
      throw new LinuxException(
          Errno.ETIMEDOUT,
          "wait for " + count + " VFs",
          host.presentVfs(pf) + " there after " + VF_DEVICES.toSeconds() + " s");
    }
  }

  /** A driver need not follow, then flows are steered as before. */
  private void setFlowSteering(PciAddress pf) throws IOException {
    try {
      host.setFlowSteering(pf, "smfs");
    } catch (LinuxException e) {
      if (!e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
      log.info("{} keeps its flow_steering_mode: {}", pf, e.getMessage());
    }
  }

  /**
   * The rule ends with a newline as long as udev has not been told: a start in between then finds
   * that it is not yet as it shall be.
   */
  private void nameRepresentors(Step.NameRepresentors step) throws IOException {
    PciAddress pf = step.pf();
    Optional<SwitchPort> port = host.switchPort(pf);
    if (port.isEmpty()) {
      log.info("representors of {} keep the kernel's names: its switch tells no id or port", pf);
      return;
    }
    String file = UdevRules.representorsFile(pf);
    String rule = UdevRules.representors(step.name(), port.get().name(), port.get().switchId());
    host.writeUdevRule(file, rule + "\n");
    host.announceRepresentors(pf);
    host.writeUdevRule(file, rule);
  }

  private static List<StepResult> joined(List<Future<List<StepResult>>> running)
      throws InterruptedException {
    var results = new ArrayList<StepResult>();
    RuntimeException broken = null;
    for (Future<List<StepResult>> task : running) {
      try {
        results.addAll(task.get());
      } catch (ExecutionException e) {
        // A defect of ours, not of the host; the other tasks are still waited for.
        broken = new IllegalStateException(e.getCause());
      }
    }
    if (broken != null) {
      throw broken;
    }
    return results;
  }

  @Override
  public void close() {
    pfThreads.shutdownNow();
    vfThreads.shutdownNow();
  }
}
