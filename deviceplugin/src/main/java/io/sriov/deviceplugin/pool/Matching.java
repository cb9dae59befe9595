package io.sriov.deviceplugin.pool;

import io.sriov.deviceplugin.config.FunctionList;
import io.sriov.deviceplugin.config.Selector;
import java.util.List;

/** Whether a selector keeps a device (spec 05 §2.5). */
final class Matching {

  private Matching() {}

  static boolean selects(Selector selector, Candidate device) {
    return any(selector.vendors(), device.pci().vendor())
        && any(selector.devices(), device.pci().device())
        && any(selector.drivers(), device.driver())
        && any(selector.pciAddresses(), device.id())
        && any(selector.acpiIndexes(), device.pci().acpiIndex())
        && any(selector.auxTypes(), device.aux().flatMap(AuxDevice::type).orElse(""))
        && function(selector.pfNames(), device.pfName(), device)
        && function(selector.rootDevices(), device.pfAddress(), device)
        && any(selector.linkTypes(), device.linkType())
        && known(selector.ddpProfiles(), device.pci().ddpProfile())
        && known(selector.pKeys(), partitionKey(device))
        && (!selector.isRdma() || device.rdmaCapable())
        && vdpa(selector.vdpaType(), device);
  }

  private static boolean any(List<String> wanted, String value) {
    return wanted.isEmpty() || wanted.contains(value);
  }

  private static boolean known(List<String> wanted, String value) {
    return wanted.isEmpty() || (!value.isEmpty() && wanted.contains(value));
  }

  private static boolean function(List<String> wanted, String parent, Candidate device) {
    return wanted.isEmpty() || FunctionList.selects(wanted, parent, device.function());
  }

  private static String partitionKey(Candidate device) {
    return device.linkType().equals("infiniband") ? device.pci().pKey() : "";
  }

  private static boolean vdpa(String wanted, Candidate device) {
    return wanted.isEmpty()
        || device
            .pci()
            .vdpa()
            .filter(found -> !found.type().equals("invalid") && found.type().equals(wanted))
            .isPresent();
  }
}
