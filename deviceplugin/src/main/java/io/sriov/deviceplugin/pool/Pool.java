package io.sriov.deviceplugin.pool;

import io.sriov.deviceplugin.config.PoolConfig;
import java.util.List;
import java.util.Optional;

/** A pool and its devices, in the order of selectors and addresses. */
public record Pool(PoolConfig config, List<PoolDevice> devices) {

  public Pool {
    devices = List.copyOf(devices);
  }

  public Optional<PoolDevice> device(String id) {
    return devices.stream().filter(device -> device.id().equals(id)).findFirst();
  }
}
