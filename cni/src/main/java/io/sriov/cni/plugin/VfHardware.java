package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteSocket;

/** The part of a VF that only real hardware has. */
public interface VfHardware {

  /** Whether a link belongs to a VF. */
  enum Belongs {
    YES,
    NO,
    /** The kernel does not tell (before Linux 5.14), and nothing speaks against it. */
    UNKNOWN
  }

  /**
   * The port through which the VFs of a PF are set up.
   *
   * @param links of the host; stays the caller's
   */
  PfPort pf(RouteSocket links, String netdev) throws LinuxException;

  /** Whether {@code link}, in whatever namespace, is the netdev of the VF. */
  Belongs belongs(String vf, Link link) throws LinuxException;
}
