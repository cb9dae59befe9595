package io.sriov.cni.rdma;

import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import io.sriov.linux.sysfs.Sysfs;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What an RDMA device hangs on.
 *
 * @param name PCI address, or name of an auxiliary device, e.g. {@code mlx5_core.sf.4}
 * @param folder where its RDMA devices are listed, below sysfs
 */
record DeviceId(String name, String folder) {

  /** No way out of the folder of devices. */
  private static final Pattern DEVICE_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.:\\-]*");

  /** Whether it can be one: a PCI address is a name too. */
  static boolean isOne(String deviceId) {
    return DEVICE_NAME.matcher(deviceId).matches();
  }

  static DeviceId of(String deviceId) throws CniException {
    String address = deviceId.toLowerCase(Locale.ROOT);
    if (Vf.isAddress(address)) {
      return new DeviceId(address, "bus/pci/devices/" + address + "/infiniband");
    }
    if (!isOne(deviceId)) {
      throw CniException.internal(
          "deviceID \"" + deviceId + "\" is neither a PCI address nor an auxiliary device");
    }
    return new DeviceId(deviceId, "bus/auxiliary/devices/" + deviceId + "/infiniband");
  }

  /**
   * The one RDMA device on the host.
   *
   * @throws CniException code 999 if there are none or several
   */
  String rdmaDevice(Sysfs sysfs) throws CniException, LinuxException {
    List<String> names = sysfs.list(sysfs.path(folder));
    if (names.isEmpty()) {
      throw CniException.internal(
          "deviceID "
              + name
              + " has no RDMA device on the host: is its RDMA driver loaded, and is the device in"
              + " no other pod?");
    }
    if (names.size() > 1) {
      throw CniException.internal(
          "deviceID "
              + name
              + " has several RDMA devices, of which only one could be moved: "
              + String.join(", ", names));
    }
    return names.getFirst();
  }
}
