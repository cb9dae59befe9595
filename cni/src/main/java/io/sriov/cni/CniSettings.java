package io.sriov.cni;

import io.sriov.cni.plugin.KernelHardware;
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
    Duration stopTimeout) {

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
        Duration.ofSeconds(30));
  }
}
