package io.sriov.deviceplugin.pool;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the kernel says about one PCI function (spec 05 §3). Nothing is joined or judged here.
 *
 * @param vendor four lower-case hex digits
 * @param device four lower-case hex digits
 * @param baseClass upper byte of the PCI class
 * @param driver bound kernel driver
 * @param acpiIndex empty when the firmware gives none
 * @param physfn address of the PF of a VF
 * @param numaNode absent when the kernel knows none
 * @param vfIndexes of a PF: index by the address of the VF ({@code virtfnN} links). They also count
 *     its VFs: while VFs are made or removed, which lasts seconds, the kernel keeps whoever reads
 *     {@code sriov_numvfs} waiting until the end
 * @param switchdev of a PF: whether its eswitch is in switchdev mode
 * @param linkDown of a PF: whether its netdev is up and has no carrier
 * @param rdmaDevices names below {@code infiniband}, in order
 * @param rdmaEnabled devlink parameter {@code enable_rdma}
 * @param pKey default partition key of the first RDMA device, e.g. {@code 0xffff}
 * @param ddpProfile name of the loaded dynamic device personalization package
 * @param silent whether it does not answer on the bus: all bits of its registers read as one
 * @param fault why its attributes could not be read; such a function is left out
 */
public record PciFunction(
    String address,
    String vendor,
    String device,
    int baseClass,
    Optional<String> driver,
    String acpiIndex,
    Optional<String> physfn,
    OptionalInt numaNode,
    Map<String, Integer> vfIndexes,
    boolean switchdev,
    List<Netdev> netdevs,
    boolean linkDown,
    List<String> rdmaDevices,
    boolean rdmaEnabled,
    String pKey,
    String ddpProfile,
    Optional<VdpaDevice> vdpa,
    List<AuxDevice> auxiliary,
    boolean silent,
    Optional<String> fault) {

  public PciFunction {
    vfIndexes = Map.copyOf(vfIndexes);
    netdevs = List.copyOf(netdevs);
    rdmaDevices = List.copyOf(rdmaDevices);
    auxiliary = List.copyOf(auxiliary);
  }

  boolean rdmaCapable() {
    return rdmaEnabled || !rdmaDevices.isEmpty();
  }

  /**
   * These facts completed by what an earlier look at the same function saw and what a pod's network
   * namespace hides now: netdevs, RDMA capability and partition key.
   */
  PciFunction remembering(PciFunction earlier) {
    if (!driver.equals(earlier.driver)
        || !vendor.equals(earlier.vendor)
        || !device.equals(earlier.device)) {
      return this;
    }
    var byName =
        earlier.auxiliary.stream()
            .collect(java.util.stream.Collectors.toMap(AuxDevice::name, aux -> aux, (a, _) -> a));
    return new PciFunction(
        address,
        vendor,
        device,
        baseClass,
        driver,
        acpiIndex,
        physfn,
        numaNode,
        vfIndexes,
        switchdev,
        Netdevs.remembered(netdevs, earlier.netdevs),
        linkDown,
        rdmaDevices,
        rdmaEnabled || earlier.rdmaCapable(),
        pKey.isEmpty() && rdmaDevices.isEmpty() ? earlier.pKey : pKey,
        ddpProfile,
        vdpa,
        auxiliary.stream()
            .map(aux ->
                byName.containsKey(aux.name()) ? aux.remembering(byName.get(aux.name())) : aux)
            .toList(),
        silent,
        fault);
  }
}
