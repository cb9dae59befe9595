package io.sriov.cni.ib;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;

/** The part of an InfiniBand VF that only real hardware has; the rest is as of every VF. */
public interface IbHardware {

  /** Address of a netdev: 20 bytes of IPoIB, 6 of Ethernet. */
  HardwareAddress address(Link netdev) throws LinuxException;

  /**
   * Binds a VF to its PF's driver, after taking it from it if it has it: from then on its netdev is
   * another one, under whatever name, with the GUID that the PF has set.
   */
  void rebind(String vf) throws LinuxException;
}
