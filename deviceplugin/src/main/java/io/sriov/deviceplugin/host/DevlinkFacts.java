package io.sriov.deviceplugin.host;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.DevlinkSocket;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks devlink, and for DDP profiles then Intel's tool. */
public final class DevlinkFacts implements DriverFacts {

  private static final Logger log = LoggerFactory.getLogger(DevlinkFacts.class);
  private static final String PCI = "pci";

  private final DevlinkSocket devlink;
  private final DdpTool ddpTool;

  public DevlinkFacts(DevlinkSocket devlink, DdpTool ddpTool) {
    this.devlink = devlink;
    this.ddpTool = ddpTool;
  }

  @Override
  public boolean rdmaEnabled(String bus, String device) {
    try {
      return devlink.flag(bus, device, "enable_rdma").orElse(false);
    } catch (LinuxException e) {
      log.debug("{}: {}", device, e.getMessage());
      return false;
    }
  }

  @Override
  public String ddpProfile(String address, Optional<String> pf) {
    return running(address)
        .or(() -> pf.flatMap(this::running))
        .orElseGet(() -> ddpTool.profile(address));
  }

  private Optional<String> running(String address) {
    try {
      return devlink.runningVersion(PCI, address, "fw.app.name").filter(name -> !name.isEmpty());
    } catch (LinuxException e) {
      log.debug("{}: {}", address, e.getMessage());
      return Optional.empty();
    }
  }
}
