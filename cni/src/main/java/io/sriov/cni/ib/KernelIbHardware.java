package io.sriov.cni.ib;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import java.util.Optional;

/** InfiniBand VFs as the kernel shows them. */
public final class KernelIbHardware implements IbHardware {

  private final PciBus bus;

  /** The VFs of {@code bus}. */
  public KernelIbHardware(PciBus bus) {
    this.bus = bus;
  }

  @Override
  public HardwareAddress address(Link netdev) {
    return netdev.mac();
  }

  @Override
  public void rebind(String vf) throws LinuxException {
    PciDevice device = bus.device(vf);
    Optional<String> pf = device.physfn();
    Optional<String> driver = pf.isEmpty() ? Optional.empty() : bus.device(pf.get()).driver();
    if (driver.isEmpty()) {
      throw new LinuxException(Errno.ENODEV, "bind VF " + vf, "its PF has no driver");
    }
    device.unbind();
    device.bind(driver.get());
  }
}
