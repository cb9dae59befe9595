package io.sriov.deviceplugin.allocation;

import io.sriov.deviceplugin.allocation.DeviceFiles.Node;
import io.sriov.deviceplugin.config.DeviceKind;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What one container gets with its devices.
 *
 * @param environment variables of spec 05 §6.6
 * @param nodes with permissions {@code rw}, none twice
 * @param devices those of the request that the pool knows, in its order
 * @param infoFiles text of the device-info file by device id (spec 05 §7)
 */
public record ContainerAllocation(
    Map<String, String> environment,
    List<Node> nodes,
    List<PoolDevice> devices,
    Map<String, String> infoFiles) {

  /**
   * Decides for one container.
   *
   * @param files looks at the node, once for each device
   * @throws NotAllocatable when a device must not be given away
   */
  public static ContainerAllocation of(
      Pool pool, List<String> ids, Function<PoolDevice, DeviceFiles> files) throws NotAllocatable {
    var devices = new ArrayList<PoolDevice>();
    for (var id : ids) {
      var device = pool.device(id);
      if (device.isPresent()) {
        if (device.get().unhealthy().isPresent()) {
          throw new NotAllocatable(
              "device %s of %s: %s"
                  .formatted(id, pool.config().resource(), device.get().unhealthy().get()));
        }
        devices.add(device.get());
      } else if (pool.config().kind() == DeviceKind.NET_DEVICE) {
        throw new NotAllocatable(
            "device %s is not in pool %s".formatted(id, pool.config().resource()));
      }
    }
    var info = new LinkedHashMap<String, String>();
    var nodes = new LinkedHashMap<String, Node>();
    var infoFiles = new LinkedHashMap<String, String>();
    for (var device : devices) {
      var found = files.apply(device);
      var providers = new LinkedHashMap<String, String>();
      Providers.info(device, pool.config().additionalInfo(), found)
          .forEach((name, values) -> providers.put(name, GoJson.ofTexts(values)));
      info.put(device.id(), GoJson.sorted(providers));
      Providers.nodes(device, found).forEach(node -> nodes.putIfAbsent(node.hostPath(), node));
      if (pool.config().kind() == DeviceKind.NET_DEVICE) {
        infoFiles.put(device.id(), DeviceInfo.of(device, found));
      }
    }
    var variable = variable(pool);
    return new ContainerAllocation(
        Map.of(
            variable,
            devices.stream().map(PoolDevice::id).collect(Collectors.joining(",")),
            variable + "_INFO",
            GoJson.sorted(info)),
        List.copyOf(nodes.values()),
        List.copyOf(devices),
        infoFiles);
  }

  /** Nothing but dots is replaced: pods know the names upstream makes. */
  private static String variable(Pool pool) {
    return ("PCIDEVICE_" + pool.config().prefix() + "_" + pool.config().name())
        .replace('.', '_')
        .toUpperCase(Locale.ROOT);
  }
}
