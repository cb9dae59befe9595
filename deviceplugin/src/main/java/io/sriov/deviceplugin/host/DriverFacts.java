package io.sriov.deviceplugin.host;

import java.util.Optional;

/** What drivers say of their devices beyond sysfs. What cannot be read counts as not there. */
public interface DriverFacts {

  /**
   * Devlink parameter {@code enable_rdma}, which also tells of a device whose RDMA files a pod has
   * in exclusive mode (spec 05 §3.6).
   *
   * @param bus {@code pci} or {@code auxiliary}
   */
  boolean rdmaEnabled(String bus, String device);

  /**
   * Name of the loaded dynamic device personalization package (spec 05 §3.8); empty for none.
   *
   * @param pf of a VF
   */
  String ddpProfile(String address, Optional<String> pf);
}
