package io.sriov.node.boot;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.linux.file.HostFiles;
import io.sriov.linux.program.HostProgram;
import io.sriov.node.apply.HostStepResult;
import io.sriov.plan.node.BootServices;
import io.sriov.plan.node.HostStep;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.OpenVswitch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds to either mode what the host's Open vSwitch needs for PFs in switchdev mode. */
public final class OvsOffload implements NodeBoot {

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(OvsOffload.class);

  private final BootPaths paths;
  private final HostCommands commands;
  private final Supplier<String> bootId;
  private final NodeBoot mode;

  /**
   * @param bootId of the running kernel
   * @param mode to which it adds
   */
  public OvsOffload(
      BootPaths paths, HostCommands commands, Supplier<String> bootId, NodeBoot mode) {
    this.paths = paths;
    this.commands = commands;
    this.bootId = bootId;
    this.mode = mode;
  }

  @Override
  public NodePlan planFor(SriovNetworkNodeStateSpec desired, NodePlan plan) throws IOException {
    var found =
        new OpenVswitch(text(OpenVswitch.UNIT_FILE), text(OpenVswitch.DROP_IN_FILE), bootId.get());
    boolean offloads = found.isToBeAsked(desired) && offloads();
    return found.added(mode.planFor(desired, plan), desired, offloads);
  }

  private @Nullable String text(String file) throws IOException {
    return HostFiles.read(paths.host(file))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .orElse(null);
  }

  /** One that cannot be asked, e.g. because it does not run, counts as not offloading. */
  private boolean offloads() throws IOException {
    try {
      HostProgram.Ended ended =
          commands.run(ANSWER, "ovs-vsctl", "get", "Open_vSwitch", ".", "other_config:hw-offload");
      return !ended.failed() && ended.output().strip().equals("\"true\"");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while Open vSwitch was asked", e);
    } catch (IOException e) {
      log.info("Open vSwitch does not say whether it offloads: {}", e.getMessage());
      return false;
    }
  }

  @Override
  public List<HostStepResult> execute(List<HostStep> steps) throws InterruptedException {
    return mode.execute(steps);
  }

  @Override
  public Optional<BootServices.Result> result() {
    return mode.result();
  }
}
