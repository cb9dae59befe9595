package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import java.util.Optional;

/** What a PF's driver knows and does of its VFs. */
public interface PfPort {

  /** The VF with this number, empty if the driver does not report it. */
  Optional<VfInfo> vf(int number) throws LinuxException;

  /** MTU of the PF in bytes. */
  int mtu() throws LinuxException;

  /** Makes one setting. */
  void set(int number, VfChange change) throws LinuxException;
}
