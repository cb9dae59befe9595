package io.sriov.deviceplugin.serve;

import io.sriov.deviceplugin.allocation.Cdi;
import io.sriov.deviceplugin.allocation.ContainerAllocation;
import io.sriov.deviceplugin.allocation.NotAllocatable;
import io.sriov.deviceplugin.host.HostDeviceFiles;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.kubelet.v1beta1.AllocateRequest;
import io.sriov.kubelet.v1beta1.AllocateResponse;
import io.sriov.kubelet.v1beta1.ContainerAllocateResponse;
import io.sriov.kubelet.v1beta1.DeviceSpec;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the kubelet's allocations (spec 05 §9.5). */
public final class Allocator {

  /** How long after an allocation the kubelet may still not list it among its pods' resources. */
  private static final Duration UNLISTED = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(Allocator.class);

  private final HostDeviceFiles files;
  private final DeviceInfoFolder deviceInfo;
  private final Optional<CdiFolders> cdi;
  private final Clock clock;
  private final Map<String, Recent> recent = new ConcurrentHashMap<>();

  private record Recent(String resource, Instant at) {}

  /**
   * @param cdi present in CDI mode
   */
  public Allocator(
      HostDeviceFiles files, DeviceInfoFolder deviceInfo, Optional<CdiFolders> cdi, Clock clock) {
    this.files = files;
    this.deviceInfo = deviceInfo;
    this.cdi = cdi;
    this.clock = clock;
  }

  AllocateResponse allocate(Pool pool, AllocateRequest request) throws NotAllocatable, IOException {
    var response = AllocateResponse.newBuilder();
    for (var container : request.getContainerRequestsList()) {
      response.addContainerResponses(container(pool, container.getDevicesIdsList()));
    }
    return response.build();
  }

  /** Before a pool is served for the first time, and when it no longer is. */
  void forget(Pool pool, List<PoolDevice> devices) throws IOException {
    for (var device : devices) {
      deviceInfo.delete(pool.config().resource(), device.id());
    }
  }

  /** Whether a list of devices refers to files that must be written anew with it. */
  boolean writesFiles() {
    return cdi.isPresent();
  }

  /** Before a list of devices is sent. */
  void beforeSending(Pool pool) throws IOException {
    if (cdi.isPresent()) {
      cdi.get().write(pool, files::of);
    }
  }

  void noLongerServed(Pool pool) throws IOException {
    if (cdi.isPresent()) {
      cdi.get().delete(pool);
    }
  }

  /** Resource by device id of what was allocated so recently that only we may know. */
  public Map<String, String> recentlyAllocated() {
    var oldest = clock.instant().minus(UNLISTED);
    recent.values().removeIf(allocation -> allocation.at().isBefore(oldest));
    var resources = new HashMap<String, String>();
    recent.forEach((id, allocation) -> resources.put(id, allocation.resource()));
    return resources;
  }

  private ContainerAllocateResponse container(Pool pool, List<String> ids)
      throws NotAllocatable, IOException {
    var resource = pool.config().resource();
    var allocation = ContainerAllocation.of(pool, ids, files::of);
    var response = ContainerAllocateResponse.newBuilder().putAllEnvs(allocation.environment());
    if (cdi.isPresent()) {
      response.putAllAnnotations(Cdi.annotations(pool.config(), allocation.devices(), files::of));
    } else {
      for (var node : allocation.nodes()) {
        response.addDevices(
            DeviceSpec.newBuilder()
                .setHostPath(node.hostPath())
                .setContainerPath(node.containerPath())
                .setPermissions("rw"));
      }
    }
    for (var file : allocation.infoFiles().entrySet()) {
      deviceInfo.write(resource, file.getKey(), file.getValue());
    }
    allocation
        .devices()
        .forEach(device -> recent.put(device.id(), new Recent(resource, clock.instant())));
    log.atInfo()
        .addKeyValue("resource", resource)
        .addKeyValue("devices", String.join(",", ids))
        .addKeyValue("nodes", allocation.nodes().size())
        .log("Allocated");
    return response.build();
  }
}
