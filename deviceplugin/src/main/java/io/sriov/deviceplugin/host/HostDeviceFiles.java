package io.sriov.deviceplugin.host;

import io.sriov.deviceplugin.allocation.DeviceFiles;
import io.sriov.deviceplugin.allocation.DeviceFiles.Node;
import io.sriov.deviceplugin.allocation.DeviceFiles.RdmaNode;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.VdpaDevice;
import io.sriov.linux.LinuxException;
import io.sriov.linux.sysfs.Sysfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up the device nodes of a device (spec 05 §6.3, §6.4). What cannot be read counts as absent
 * and is logged: a pod starts without that node, as upstream has it.
 */
public final class HostDeviceFiles {

  private static final Logger log = LoggerFactory.getLogger(HostDeviceFiles.class);

  private final Sysfs sysfs;
  private final Path dev;

  /**
   * @param dev usually {@code /dev}; answers name {@code /dev} in any case
   */
  public HostDeviceFiles(Sysfs sysfs, Path dev) {
    this.sysfs = sysfs;
    this.dev = dev;
  }

  public DeviceFiles of(PoolDevice device) {
    try {
      var pci = sysfs.path("bus/pci/devices").resolve(device.pciAddress());
      var function = device.auxiliary() ? pci.resolve(device.id()) : pci;
      List<String> rdmaDevices =
          device.rdma() ? sysfs.list(function.resolve("infiniband")) : List.of();
      return new DeviceFiles(
          device.driver().equals("vfio-pci") ? vfioGroup(device, pci) : Optional.empty(),
          device.driver().contains("uio") ? uio(pci) : Optional.empty(),
          rdma(rdmaDevices),
          rdmaDevices,
          device.vhostNet() && exists("vhost-net") && exists("net/tun"),
          device.vdpa().isPresent() ? vhostVdpa(device.vdpa().get()) : Optional.empty());
    } catch (LinuxException e) {
      log.error("{}: device nodes cannot be read: {}", device.id(), e.getMessage());
      return DeviceFiles.NONE;
    }
  }

  private Optional<Node> vfioGroup(PoolDevice device, Path pci) throws LinuxException {
    var link = pci.resolve("iommu_group");
    var group = sysfs.linkName(link);
    if (group.isEmpty()) {
      log.error(
          "{}: no IOMMU group, the container gets /dev/vfio/vfio alone; is the IOMMU on?",
          device.id());
      return Optional.empty();
    }
    var container = "/dev/vfio/" + group.get();
    boolean noiommu = sysfs.text(link.resolve("name")).orElse("").equals("vfio-noiommu");
    return Optional.of(
        new Node(noiommu ? "/dev/vfio/noiommu-" + group.get() : container, container));
  }

  private Optional<String> uio(Path pci) throws LinuxException {
    return sysfs.list(pci.resolve("uio")).stream().findFirst().map(name -> "/dev/" + name);
  }

  private List<RdmaNode> rdma(List<String> rdmaDevices) throws LinuxException {
    var nodes = new ArrayList<RdmaNode>();
    for (var rdmaDevice : rdmaDevices) {
      rdma("infiniband_cm", "ucm", rdmaDevice, nodes);
      rdma("infiniband_mad", "issm", rdmaDevice, nodes);
      rdma("infiniband_mad", "umad", rdmaDevice, nodes);
      rdma("infiniband_verbs", "uverbs", rdmaDevice, nodes);
      if (exists("infiniband/rdma_cm")) {
        nodes.add(new RdmaNode("rdma_cm", "/dev/infiniband/rdma_cm"));
      }
    }
    return nodes;
  }

  private void rdma(String classFolder, String kind, String rdmaDevice, List<RdmaNode> nodes)
      throws LinuxException {
    var folder = sysfs.path("class").resolve(classFolder);
    for (var entry : sysfs.list(folder)) {
      if (entry.contains(kind)
          && sysfs.text(folder.resolve(entry).resolve("ibdev")).orElse("").equals(rdmaDevice)) {
        nodes.add(new RdmaNode(kind, "/dev/infiniband/" + entry));
        return;
      }
    }
  }

  private Optional<String> vhostVdpa(VdpaDevice vdpa) throws LinuxException {
    if (!vdpa.type().equals(VdpaDevice.VHOST)) {
      return Optional.empty();
    }
    return sysfs.list(sysfs.path("bus/vdpa/devices").resolve(vdpa.name())).stream()
        .filter(entry -> entry.startsWith("vhost-vdpa"))
        .findFirst()
        .filter(this::exists)
        .map(entry -> "/dev/" + entry);
  }

  private boolean exists(String node) {
    return Files.exists(dev.resolve(node));
  }
}
