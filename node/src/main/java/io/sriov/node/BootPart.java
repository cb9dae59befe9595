package io.sriov.node;

import io.sriov.node.boot.BootPaths;
import io.sriov.node.boot.BootReader;
import io.sriov.node.boot.ChrootCommands;
import io.sriov.node.boot.HostRuntime;
import io.sriov.node.boot.HostSteps;
import io.sriov.node.boot.NodeBoot;
import io.sriov.node.boot.OvsOffload;
import io.sriov.node.boot.ServiceLeftovers;
import io.sriov.node.boot.SystemdMode;
import io.sriov.node.host.SupportedNic;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of {@code start} that has to do with the node's boots. */
final class BootPart {

  private static final Logger log = LoggerFactory.getLogger(BootPart.class);

  private final DaemonSettings settings;
  private final BootPaths paths;
  private final BootReader facts;
  private final HostSteps steps;
  private final NodeBoot node;

  BootPart(DaemonSettings settings, Supplier<List<SupportedNic>> supported) {
    this.settings = settings;
    this.paths = new BootPaths(settings.hostRoot(), Path.of("/proc"), settings.sysfs());
    var commands = new ChrootCommands(settings.hostRoot());
    var runtime = new HostRuntime(settings.imageFolder(), paths, commands);
    this.facts = new BootReader(paths, commands);
    this.steps = new HostSteps(paths, commands, runtime, facts::bootId);
    NodeBoot mode =
        settings.systemd()
            ? new SystemdMode(paths, runtime, steps, supported, settings.devMode())
            : steps;
    // On OpenShift that is the machine config operator's.
    this.node = settings.openShift() ? mode : new OvsOffload(paths, commands, facts::bootId, mode);
  }

  BootReader facts() {
    return facts;
  }

  NodeBoot node() {
    return node;
  }

  /** Removes what an earlier mode left; a failure is in the log and keeps nobody from anything. */
  void begin() {
    if (settings.systemd()) {
      return;
    }
    try {
      int failures = ServiceLeftovers.remove(paths, steps, !settings.openShift()).size();
      if (failures > 0) {
        log.warn("what systemd mode left on the host is not all removed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
