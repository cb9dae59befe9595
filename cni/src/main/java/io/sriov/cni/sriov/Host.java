package io.sriov.cni.sriov;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.HostLinks;
import io.sriov.cni.plugin.Moves;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.cni.plugin.WayBack;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.Sysfs;
import java.time.Duration;

/**
 * The host as the plugin uses it.
 *
 * @param netns where VFs are while no pod has them
 * @param lockTimeout longest wait for another call on the same VF
 * @param settleTimeout longest wait for a VF to take an address, or to come back from a namespace
 *     that is gone
 */
record Host(
    NetNamespace netns,
    Sysfs sysfs,
    VfHardware hardware,
    StateFiles files,
    Moves moves,
    Duration lockTimeout,
    Duration settleTimeout) {

  PciBus bus() {
    return new PciBus(sysfs);
  }

  WayBack wayBack(RouteSocket links, CallLog log) {
    return new WayBack(netns, links, bus(), hardware, moves, settleTimeout, log);
  }

  /** A socket for the host's links. */
  RouteSocket links() throws LinuxException {
    return HostLinks.open(netns);
  }
}
