package io.sriov.deviceplugin.pool;

import io.sriov.deviceplugin.config.Selector;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A device of a pool, shaped by the selector that owns it.
 *
 * @param id PCI address or auxiliary name
 * @param pciAddress of the function, or of the parent of an auxiliary device
 * @param pf address of the PF it belongs to, its own if it belongs to none
 * @param numaNode absent when unknown or not to be told
 * @param rdma whether containers get its RDMA device nodes
 * @param vhostNet whether containers get vhost-net and tun
 * @param vdpa present when the pool hands it out as a vDPA device
 * @param unhealthy why the kubelet must not give it to a pod; empty for a healthy one
 */
public record PoolDevice(
    String id,
    String pciAddress,
    String pf,
    String driver,
    OptionalInt numaNode,
    boolean auxiliary,
    boolean rdma,
    boolean vhostNet,
    Optional<VdpaDevice> vdpa,
    Optional<String> unhealthy) {

  static PoolDevice of(Candidate device, Selector owner, boolean excludeTopology, Facts facts) {
    return new PoolDevice(
        device.id(),
        device.pci().address(),
        device.pfAddress().isEmpty() ? device.pci().address() : device.pfAddress(),
        device.driver(),
        excludeTopology ? OptionalInt.empty() : device.pci().numaNode(),
        device.aux().isPresent(),
        owner.isRdma() && owner.vdpaType().isEmpty() && device.rdmaCapable(),
        owner.needVhostNet() && facts.vhostNet(),
        owner.vdpaType().isEmpty() ? Optional.empty() : device.pci().vdpa(),
        Optional.empty());
  }

  /** A device of which nothing is left but the pod that was given it. */
  static PoolDevice vanished(String id, String why) {
    return new PoolDevice(
        id,
        id,
        id,
        "",
        OptionalInt.empty(),
        false,
        false,
        false,
        Optional.empty(),
        Optional.of(why));
  }

  PoolDevice unhealthy(String why) {
    return new PoolDevice(
        id, pciAddress, pf, driver, numaNode, auxiliary, rdma, vhostNet, vdpa, Optional.of(why));
  }
}
