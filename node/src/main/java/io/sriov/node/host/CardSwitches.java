package io.sriov.node.host;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.DevlinkParam;
import io.sriov.linux.netlink.DevlinkSocket;
import io.sriov.linux.netlink.EswitchMode;
import io.sriov.linux.netlink.EthtoolSocket;
import io.sriov.plan.node.PciAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The embedded switches of cards, through devlink and ethtool. */
final class CardSwitches implements InventoryReader.Switches, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CardSwitches.class);

  private static final String BUS = "pci";
  private static final String FLOW_STEERING = "flow_steering_mode";
  private static final String TC_OFFLOAD = "hw-tc-offload";

  private final DevlinkSocket devlink;
  private final EthtoolSocket ethtool;

  private CardSwitches(DevlinkSocket devlink, EthtoolSocket ethtool) {
    this.devlink = devlink;
    this.ethtool = ethtool;
  }

  static CardSwitches open() throws LinuxException {
    DevlinkSocket devlink = DevlinkSocket.open();
    try {
      return new CardSwitches(devlink, EthtoolSocket.open());
    } catch (LinuxException e) {
      devlink.close();
      throw e;
    }
  }

  @Override
  public boolean known(PciAddress pf) throws LinuxException {
    return devlink.hasDevice(BUS, pf.value());
  }

  @Override
  public Optional<EswitchMode> mode(PciAddress pf) throws LinuxException {
    return devlink.eswitchMode(BUS, pf.value());
  }

  @Override
  public Optional<String> flowSteering(PciAddress pf) throws LinuxException {
    return devlink.parameter(BUS, pf.value(), FLOW_STEERING).map(DevlinkParam::value);
  }

  @Override
  public Optional<Boolean> tcOffload(String netdev) throws LinuxException {
    return ethtool.feature(netdev, TC_OFFLOAD);
  }

  /** On a socket of its own: others must be able to ask meanwhile. */
  static void setMode(PciAddress pf, EswitchMode mode) throws LinuxException {
    try (DevlinkSocket own = DevlinkSocket.open()) {
      own.setEswitchMode(BUS, pf.value(), mode);
    }
  }

  void setFlowSteering(PciAddress pf, String value) throws LinuxException {
    DevlinkParam parameter =
        devlink
            .parameter(BUS, pf.value(), FLOW_STEERING)
            .orElseThrow(() ->
                new LinuxException(
                    Errno.EOPNOTSUPP, "set " + FLOW_STEERING, "the driver has it no more"));
    devlink.setParameter(BUS, pf.value(), parameter, value);
  }

  void enableTcOffload(String netdev) throws LinuxException {
    ethtool.setFeature(netdev, TC_OFFLOAD, true);
    if (!ethtool.feature(netdev, TC_OFFLOAD).orElse(false)) {
      log.warn("{} of {} stays off", TC_OFFLOAD, netdev);
    }
  }

  @Override
  public void close() {
    ethtool.close();
    devlink.close();
  }
}
