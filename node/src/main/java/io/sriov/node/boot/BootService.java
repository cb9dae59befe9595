package io.sriov.node.boot;

import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.linux.program.HostProgram;
import io.sriov.node.apply.StepExecutor;
import io.sriov.node.apply.StepResult;
import io.sriov.node.host.Host;
import io.sriov.node.host.SupportedNic;
import io.sriov.plan.node.Blocked;
import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.Refusal;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the boot services run (spec 03 §5.5.4): one phase makes VFs before the host's network is
 * configured, the other configures them before the kubelet starts.
 */
public final class BootService {

  /** The host, once it is known which cards may be configured. */
  @FunctionalInterface
  public interface Opener {
    Host open(List<SupportedNic> supported, boolean anyModel) throws IOException;
  }

  /** VFs that containers hold: none at boot, but the services can be started by hand. */
  @FunctionalInterface
  public interface Holders {
    List<VfInUse> of(Inventory inventory) throws IOException;
  }

  private static final Duration DEVICES = Duration.ofSeconds(60);
  private static final String SETTLE_SECONDS = "60";
  private static final int ROUNDS = 3;

  private static final Logger log = LoggerFactory.getLogger(BootService.class);

  private final ServicePhase phase;
  private final ServiceFiles files;
  private final HostCommands commands;
  private final Opener opener;
  private final Holders holders;

  public BootService(
      ServicePhase phase, BootPaths paths, HostCommands commands, Opener opener, Holders holders) {
    this.phase = phase;
    this.files = new ServiceFiles(paths);
    this.commands = commands;
    this.opener = opener;
    this.holders = holders;
  }

  /**
   * Runs the phase and reports how it ended.
   *
   * @return exit status
   */
  public int run() throws InterruptedException {
    ServiceConfig config;
    try {
      config = files.config();
    } catch (IOException e) {
      log.error("nothing is configured: {}", e.getMessage());
      return 1;
    }
    Result result;
    try {
      configure(config);
      result = new Result(phase == ServicePhase.PRE ? Names.IN_PROGRESS : Names.SUCCEEDED, "");
    } catch (IOException | RuntimeException e) {
      // Without any result the daemon would reboot the node to get one.
      result = new Result(Names.FAILED, phase.word() + ": " + e.getMessage());
      log.error("{}", result.lastSyncError());
    }
    try {
      files.writeResult(result);
    } catch (IOException e) {
      log.error("the result cannot be reported: {}", e.getMessage());
      return 1;
    }
    return result.syncStatus().equals(Names.FAILED) ? 1 : 0;
  }

  private void configure(ServiceConfig config) throws IOException, InterruptedException {
    if (!config.platformType().equals(ServiceConfig.BAREMETAL)) {
      throw new IOException("platform " + config.platformType() + " is not supported");
    }
    Host host = opener.open(files.supportedNics(), config.unsupportedNics());
    if (phase == ServicePhase.PRE) {
      files.removeResult();
      PodModules.load(host);
    } else {
      requirePre();
    }
    awaitDevices(host, config.spec().interfaces());
    try (var executor = new StepExecutor(host)) {
      apply(config, host, executor);
    }
  }

  private void requirePre() throws IOException {
    Optional<Result> pre = files.result();
    if (pre.isEmpty()) {
      throw new IOException("the pre phase left no result");
    }
    if (!pre.get().syncStatus().equals(Names.IN_PROGRESS)) {
      throw new IOException(
          "unexpected result of the pre phase: "
              + pre.get().syncStatus()
              + ", syncError: "
              + pre.get().lastSyncError());
    }
  }

  /** Drivers may still be at work, and udev at giving names. */
  private void awaitDevices(Host host, List<Interface> wanted)
      throws IOException, InterruptedException {
    if (wanted.isEmpty()) {
      return;
    }
    if (!host.await(() -> allNamed(host.inventory(), wanted), DEVICES)) {
      log.warn("not every wanted PF is there by its name after {} s", DEVICES.toSeconds());
    }
    try {
      HostProgram.Ended settled =
          commands.run(DEVICES.plusSeconds(5), "udevadm", "settle", "-t", SETTLE_SECONDS);
      if (settled.failed()) {
        log.warn("udev has not settled: {}", settled.output());
      }
    } catch (IOException e) {
      log.warn("udev has not settled: {}", e.getMessage());
    }
  }

  private static boolean allNamed(Inventory inventory, List<Interface> wanted) {
    return wanted.stream()
        .allMatch(pf ->
            inventory.pfs().stream()
                .filter(found -> found.pci().value().equals(pf.pciAddress()))
                .anyMatch(found ->
                    Objects.requireNonNullElse(pf.name(), "").isEmpty()
                        || found.name().equals(pf.name())
                        || found.altNames().contains(pf.name())));
  }

  private void apply(ServiceConfig config, Host host, StepExecutor executor)
      throws IOException, InterruptedException {
    List<StepResult> results = List.of();
    NodePlan plan = plan(config, host);
    for (int round = 0; round < ROUNDS && !plan.steps().isEmpty(); round++) {
      results = executor.execute(plan, StepExecutor.Guard.NONE);
      if (results.stream().anyMatch(StepResult::failed)) {
        break;
      }
      plan = plan(config, host);
    }
    String left = String.join("; ", left(plan, results));
    if (!left.isEmpty()) {
      throw new IOException("failed to apply configuration: " + left);
    }
  }

  private List<String> left(NodePlan plan, List<StepResult> results) {
    List<String> failures =
        results.stream().map(StepResult::failure).filter(Objects::nonNull).toList();
    Stream<String> undone =
        failures.isEmpty()
            ? plan.steps().stream().map(step -> step.pf() + ": still " + step.reason())
            : failures.stream();
    // What cannot be done at all is the second phase's to tell: it still does all the rest.
    Stream<String> refused =
        phase == ServicePhase.PRE ? Stream.empty() : plan.refusals().stream().map(Refusal::message);
    return Stream.of(undone, refused, plan.blocked().stream().map(Blocked::message))
        .flatMap(part -> part)
        .toList();
  }

  private NodePlan plan(ServiceConfig config, Host host) throws IOException {
    Inventory inventory = host.inventory();
    NodePlan plan = Planner.plan(config.spec(), inventory, phase.plans());
    if (plan.concernsExistingVfs(inventory)) {
      plan = Planner.plan(config.spec(), inventory.withInUse(holders.of(inventory)), phase.plans());
    }
    // What is for the next boot is the daemon's.
    return new NodePlan(plan.pfs(), List.of(), List.of(), plan.nodeRefusals());
  }
}
