package io.sriov.cni;

import io.sriov.cni.ib.IbHardware;
import io.sriov.cni.ib.KernelIbHardware;
import io.sriov.cni.plugin.KernelHardware;
import io.sriov.cni.plugin.KernelRdma;
import io.sriov.cni.plugin.RdmaHardware;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.Sysfs;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the CNI server works and how long it waits.
 *
 * @param socket what the forwarder connects to, {@code /run/sriov/cni/cni.sock} of the host
 * @param stateFolder {@code /var/lib/cni/sriov} of the host
 * @param hostRoot where the host's root is mounted; only for the {@code logFile} of a network
 * @param sysfs of the host's network namespace
 * @param netns the host's network namespace; closed with the server
 * @param hardware what only real VFs can do
 * @param lockTimeout longest wait of a call for another one on the same VF
 * @param settleTimeout longest wait for a VF to take an address, or to come back from a namespace
 *     that is gone
 * @param stopTimeout how long a stopping server lets calls in flight finish
 * @param infiniBand what only ib-sriov and rdma need
 */
public record CniSettings(
    Path socket,
    Path stateFolder,
    Path hostRoot,
    Sysfs sysfs,
    NetNamespace netns,
    VfHardware hardware,
    Duration lockTimeout,
    Duration settleTimeout,
    Duration stopTimeout,
    InfiniBand infiniBand) {

  /**
   * What only ib-sriov and rdma need.
   *
   * @param stateFolder {@code /var/lib/cni/ib-sriov} of the host
   * @param lockFolder {@code /run/cni/ib-sriov} of the host, which others call {@code
   *     /var/run/cni/ib-sriov}
   * @param rdmaStateFolder {@code /var/lib/cni/rdma} of the host
   * @param rdmaLockFolder {@code /run/cni/rdma} of the host
   * @param hardware what only real InfiniBand VFs can do
   * @param rdma RDMA devices
   * @param bindTimeout longest wait for the netdev of a VF that was bound to its driver, or whose
   *     RDMA device was moved
   */
  public record InfiniBand(
      Path stateFolder,
      Path lockFolder,
      Path rdmaStateFolder,
      Path rdmaLockFolder,
      IbHardware hardware,
      RdmaHardware rdma,
      Duration bindTimeout) {

    /** The settings on a host whose root folder is mounted. */
    public static InfiniBand in(Path hostRoot, Sysfs sysfs) {
      return new InfiniBand(
          hostRoot.resolve("var/lib/cni/ib-sriov"),
          hostRoot.resolve("run/cni/ib-sriov"),
          hostRoot.resolve("var/lib/cni/rdma"),
          hostRoot.resolve("run/cni/rdma"),
          new KernelIbHardware(new PciBus(sysfs)),
          new KernelRdma(),
          Duration.ofSeconds(10));
    }
  }

  /**
   * The settings of a server in a pod with the host's network, whose root folder is mounted.
   *
   * @param socket the forwarder's socket
   * @param hostRoot e.g. {@code /host}
   * @param sysfs e.g. {@code /sys}
   */
  public static CniSettings in(Path socket, Path hostRoot, Path sysfs, NetNamespace netns) {
    Sysfs tree = new Sysfs(sysfs);
    return new CniSettings(
        socket,
        hostRoot.resolve("var/lib/cni/sriov"),
        hostRoot,
        tree,
        netns,
        new KernelHardware(new PciBus(tree)),
        Duration.ofSeconds(60),
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        InfiniBand.in(hostRoot, tree));
  }
}
