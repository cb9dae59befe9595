package io.sriov.cni.ib;

import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import io.sriov.linux.sysfs.PciDevice;
import java.util.Optional;

/**
 * The device of a configuration.
 *
 * @param vf empty for a PF, which only vfio-pci can hand to a pod
 * @param userspace whether vfio-pci has it
 */
record Device(String address, Optional<Vf> vf, boolean userspace) {

  private static final String VFIO = "vfio-pci";

  /**
   * Finds it.
   *
   * @throws CniException code 999, naming the key that does not fit the device
   */
  static Device of(Conf conf, Host host) throws CniException, LinuxException {
    String address = Vf.addressOf(conf.deviceId());
    PciDevice device = host.bus().device(address);
    String driver = device.driver().orElse("none");
    boolean userspace = driver.equals(VFIO);
    if (conf.vfioPciMode() && !userspace) {
      throw CniException.internal(
          "vfioPciMode is set, but the driver of " + address + " is " + driver);
    }
    if (device.exists() && !device.isVf()) {
      if (!userspace) {
        throw CniException.internal(
            "deviceID "
                + address
                + " is no VF, and a PF is handed to a pod only by "
                + VFIO
                + "; its driver is "
                + driver);
      }
      return new Device(address, Optional.empty(), true);
    }
    Vf vf = Vf.require(host.bus(), host.sysfs(), address);
    if (conf.ibKubernetes() && conf.guid().isEmpty()) {
      throw CniException.internal(
          "ibKubernetesEnabled is set, but no GUID is given: runtimeConfig.infinibandGUID and"
              + " args.cni.guid are empty");
    }
    return new Device(address, Optional.of(vf), userspace);
  }
}
