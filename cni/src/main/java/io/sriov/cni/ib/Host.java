package io.sriov.cni.ib;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Moves;
import io.sriov.cni.plugin.RdmaHardware;
import io.sriov.cni.plugin.StateFolder;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.cni.plugin.WayBack;
import io.sriov.linux.LinuxException;
import io.sriov.linux.file.FileLock;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.time.Duration;

/**
 * The host as the plugin uses it.
 *
 * @param netns where VFs are while no pod has them
 * @param locks {@code /run/cni/ib-sriov}: the Go plugin's lock of the node, and one per VF
 * @param lockTimeout longest wait for another call
 * @param settleTimeout longest wait for a VF to come back from a namespace that is gone
 * @param bindTimeout longest wait for a netdev that comes anew
 */
record Host(
    NetNamespace netns,
    Sysfs sysfs,
    VfHardware hardware,
    IbHardware ib,
    RdmaHardware rdma,
    StateFiles files,
    StateFolder locks,
    Duration lockTimeout,
    Duration settleTimeout,
    Duration bindTimeout) {

  private static final int LOCK_MODE = 0600;

  PciBus bus() {
    return new PciBus(sysfs);
  }

  /** Calls on one VF are carried out one by one. Taken before the lock of the node. */
  FileLock lock(String vf, Duration timeout) throws IOException {
    return lock(vf + ".lock", "VF " + vf, timeout);
  }

  /**
   * While VFs are bound anew: their RDMA devices and netdevs then take the first free names. The Go
   * plugin holds it for a whole call, we only for what the lock is about, not for IPAM.
   */
  FileLock lockNode() throws IOException {
    return lock("cni.lock", "the node's InfiniBand VFs", lockTimeout);
  }

  private FileLock lock(String file, String what, Duration timeout) throws IOException {
    try {
      return FileLock.acquire(locks.make().resolve(file), LOCK_MODE, timeout);
    } catch (LinuxException e) {
      throw new LinuxException(
          e.errno(), "lock " + what, "another call works on it; " + e.detail());
    }
  }

  WayBack wayBack(RouteSocket links, CallLog log) {
    // The node's lock lets no two moves come together.
    return new WayBack(netns, links, bus(), hardware, new Moves(), settleTimeout, log);
  }
}
