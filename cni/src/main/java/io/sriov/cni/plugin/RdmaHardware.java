package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.RdmaSocket;
import io.sriov.linux.netns.NetNamespace;
import java.util.Optional;

/** RDMA devices and the network namespaces they belong to. */
public interface RdmaHardware {

  /** How namespaces see RDMA devices; empty if the kernel has no RDMA. */
  Optional<RdmaSocket.NetnsMode> mode() throws LinuxException;

  /** Whether the device with this name is seen in a namespace. */
  boolean isIn(NetNamespace namespace, String device) throws LinuxException;

  /**
   * Moves a device. Names are unique over all namespaces, so it keeps its own. An InfiniBand
   * device's netdevs vanish and come anew in the initial namespace.
   *
   * @throws LinuxException ENODEV if {@code from} does not have it
   */
  void move(String device, NetNamespace from, NetNamespace to) throws LinuxException;

  /** Whether a namespace has RDMA devices of its own. */
  default boolean isExclusive() throws LinuxException {
    return mode().filter(mode -> mode == RdmaSocket.NetnsMode.EXCLUSIVE).isPresent();
  }
}
