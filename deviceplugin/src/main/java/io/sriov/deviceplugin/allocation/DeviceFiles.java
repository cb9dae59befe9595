package io.sriov.deviceplugin.allocation;

import java.util.List;
import java.util.Optional;

/**
 * What the node has in {@code /dev} for one device at the moment of an allocation. Only what the
 * device's pool asks for is looked up.
 *
 * @param vfioGroup absent when the IOMMU group cannot be resolved
 * @param uio e.g. {@code /dev/uio1}
 * @param rdma in the order of spec 05 §6.4
 * @param rdmaDevices names, e.g. {@code mlx5_2}
 * @param vhostNet whether both {@code /dev/vhost-net} and {@code /dev/net/tun} exist
 * @param vhostVdpa e.g. {@code /dev/vhost-vdpa-0}
 */
public record DeviceFiles(
    Optional<Node> vfioGroup,
    Optional<String> uio,
    List<RdmaNode> rdma,
    List<String> rdmaDevices,
    boolean vhostNet,
    Optional<String> vhostVdpa) {

  public static final DeviceFiles NONE =
      new DeviceFiles(
          Optional.empty(), Optional.empty(), List.of(), List.of(), false, Optional.empty());

  public DeviceFiles {
    rdma = List.copyOf(rdma);
    rdmaDevices = List.copyOf(rdmaDevices);
  }

  /** A device node as the host and as the container see it. */
  public record Node(String hostPath, String containerPath) {
    static Node same(String path) {
      return new Node(path, path);
    }
  }

  /** Kind of an RDMA character device: {@code uverbs}, {@code umad}, {@code issm}, … */
  public record RdmaNode(String kind, String path) {}
}
