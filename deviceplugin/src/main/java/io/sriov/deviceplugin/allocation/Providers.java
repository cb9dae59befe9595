package io.sriov.deviceplugin.allocation;

import io.sriov.deviceplugin.allocation.DeviceFiles.Node;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.VdpaDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one device brings along: information and device nodes (spec 05 §6.1, §6.2). */
final class Providers {

  private static final String VFIO = "/dev/vfio/vfio";
  private static final String VHOST_NET = "/dev/vhost-net";
  private static final String TUN = "/dev/net/tun";

  private Providers() {}

  /** By name of the provider; each a map of strings. */
  static Map<String, Map<String, String>> info(
      PoolDevice device,
      Optional<Map<String, Map<String, String>>> additionalInfo,
      DeviceFiles files) {
    var info = new LinkedHashMap<String, Map<String, String>>();
    info.put("generic", Map.of("deviceID", device.id()));
    if (vfio(device)) {
      var vfio = new LinkedHashMap<>(Map.of("mount", VFIO));
      files.vfioGroup().ifPresent(group -> vfio.put("dev-mount", group.containerPath()));
      info.put("vfio", vfio);
    }
    if (uio(device)) {
      info.put("uio", files.uio().map(path -> Map.of("mount", path)).orElse(Map.of()));
    }
    additionalInfo.ifPresent(extra -> info.put("extra", extra(device, extra)));
    device
        .vdpa()
        .ifPresent(vdpa ->
            info.put(
                "vdpa",
                files
                    .vhostVdpa()
                    .filter(_ -> vdpa.type().equals(VdpaDevice.VHOST))
                    .map(path -> Map.of("mount", path))
                    .orElse(Map.of())));
    if (device.rdma()) {
      var rdma = new LinkedHashMap<String, String>();
      files.rdma().stream()
          .filter(node -> !node.kind().equals("ucm"))
          .forEach(node -> rdma.put(node.kind(), node.path()));
      files.rdmaDevices().stream().findFirst().ifPresent(name -> rdma.put("rdma_dev", name));
      info.put("rdma", rdma);
    }
    if (device.vhostNet()) {
      info.put("vhost", Map.of("net-mount", VHOST_NET, "tun-mount", TUN));
    }
    return info;
  }

  static List<Node> nodes(PoolDevice device, DeviceFiles files) {
    var nodes = new ArrayList<Node>();
    if (vfio(device)) {
      nodes.add(Node.same(VFIO));
      files.vfioGroup().ifPresent(nodes::add);
    }
    if (uio(device)) {
      files.uio().map(Node::same).ifPresent(nodes::add);
    }
    if (device.vdpa().filter(vdpa -> vdpa.type().equals(VdpaDevice.VHOST)).isPresent()) {
      files.vhostVdpa().map(Node::same).ifPresent(nodes::add);
    }
    if (device.rdma()) {
      files.rdma().forEach(node -> nodes.add(Node.same(node.path())));
    }
    if (device.vhostNet() && files.vhostNet()) {
      nodes.add(Node.same(VHOST_NET));
      nodes.add(Node.same(TUN));
    }
    return nodes;
  }

  private static Map<String, String> extra(
      PoolDevice device, Map<String, Map<String, String>> additionalInfo) {
    var extra = new LinkedHashMap<>(additionalInfo.getOrDefault("*", Map.of()));
    extra.putAll(additionalInfo.getOrDefault(device.pciAddress(), Map.of()));
    return extra;
  }

  private static boolean vfio(PoolDevice device) {
    return device.driver().equals("vfio-pci");
  }

  /** Not {@code uio_pci_generic}, as upstream has it. */
  private static boolean uio(PoolDevice device) {
    return device.driver().equals("uio") || device.driver().equals("igb_uio");
  }
}
