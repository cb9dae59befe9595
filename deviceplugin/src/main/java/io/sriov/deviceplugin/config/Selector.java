package io.sriov.deviceplugin.config;

import java.util.List;

/**
 * One object inside {@code selectors} (spec 05 §2.5): every non-empty list must contain the
 * device's value. Keys that the pool's kind does not know are empty.
 *
 * @param pfNames {@code name} or {@code name#0-3,7}, see {@link FunctionList}
 * @param rootDevices PF addresses in the syntax of {@code pfNames}
 * @param isRdma keeps RDMA capable devices only, and gives their RDMA device nodes to containers
 * @param needVhostNet gives vhost-net and tun to containers; selects nothing
 * @param vdpaType {@code vhost} or {@code virtio}; empty for devices used without vDPA
 */
public record Selector(
    List<String> vendors,
    List<String> devices,
    List<String> drivers,
    List<String> pciAddresses,
    List<String> acpiIndexes,
    List<String> auxTypes,
    List<String> pfNames,
    List<String> rootDevices,
    List<String> linkTypes,
    List<String> ddpProfiles,
    List<String> pKeys,
    boolean isRdma,
    boolean needVhostNet,
    String vdpaType) {

  public Selector {
    vendors = List.copyOf(vendors);
    devices = List.copyOf(devices);
    drivers = List.copyOf(drivers);
    pciAddresses = List.copyOf(pciAddresses);
    acpiIndexes = List.copyOf(acpiIndexes);
    auxTypes = List.copyOf(auxTypes);
    pfNames = List.copyOf(pfNames);
    rootDevices = List.copyOf(rootDevices);
    linkTypes = List.copyOf(linkTypes);
    ddpProfiles = List.copyOf(ddpProfiles);
    pKeys = List.copyOf(pKeys);
  }
}
