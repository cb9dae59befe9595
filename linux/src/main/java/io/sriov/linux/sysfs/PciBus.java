package io.sriov.linux.sysfs;

import io.sriov.linux.LinuxException;
import java.util.List;

/** The devices under {@code bus/pci/devices}. */
public final class PciBus {

  private final Sysfs sysfs;

  /** The bus as {@code sysfs} shows it. */
  public PciBus(Sysfs sysfs) {
    this.sysfs = sysfs;
  }

  /** Every device, ascending by address. */
  public List<PciDevice> devices() throws LinuxException {
    return sysfs.list(sysfs.path("bus/pci/devices")).stream()
        .map(address -> new PciDevice(sysfs, address))
        .toList();
  }

  /** The device with this address, whether it is there or not. */
  public PciDevice device(String address) {
    return new PciDevice(sysfs, address);
  }
}
