package io.sriov.deviceplugin.allocation;

import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.VdpaDevice;
import java.util.LinkedHashMap;

/**
 * The device-info file that Multus and CNI plugins read: Kubernetes Network Plumbing Working Group,
 * device information specification 1.1.0 (spec 05 §7).
 */
public final class DeviceInfo {

  private static final String VERSION = "1.1.0";

  private DeviceInfo() {}

  /** File name, e.g. {@code openshift.io-nic-0000:03:02.0-device.json}. */
  public static String fileName(String resource, String deviceId) {
    return (resource + "-" + deviceId).replace('/', '-') + "-device.json";
  }

  static String of(PoolDevice device, DeviceFiles files) {
    var document = new LinkedHashMap<String, String>();
    var details = new LinkedHashMap<String, String>();
    var vdpa = device.vdpa();
    if (vdpa.isPresent()) {
      details.put("parent-device", GoJson.text(vdpa.get().name()));
      details.put("driver", GoJson.text(vdpa.get().type()));
      if (vdpa.get().type().equals(VdpaDevice.VHOST)) {
        files.vhostVdpa().ifPresent(path -> details.put("path", GoJson.text(path)));
      }
      details.put("pci-address", GoJson.text(device.pciAddress()));
    } else {
      details.put("pci-address", GoJson.text(device.pciAddress()));
      if (device.rdma() && !files.rdmaDevices().isEmpty()) {
        details.put("rdma-device", GoJson.text(String.join(",", files.rdmaDevices())));
      }
    }
    var type = vdpa.isPresent() ? "vdpa" : "pci";
    document.put("type", GoJson.text(type));
    document.put("version", GoJson.text(VERSION));
    document.put(type, GoJson.object(details));
    return GoJson.object(document);
  }
}
