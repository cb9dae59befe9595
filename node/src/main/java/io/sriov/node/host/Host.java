package io.sriov.node.host;

import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSetting;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The host, one method for each thing the daemon reads or does: each of them happens as a whole or
 * not at all. What the kernel refuses is a {@link io.sriov.linux.LinuxException} with errno.
 */
public interface Host {

  /** Something that may become true by itself, e.g. when the kernel has bound a driver. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Every fact but the VFs that pods hold. */
  Inventory inventory() throws IOException;

  /** Remembers {@code now} as what resets return to, unless an earlier state is remembered. */
  void saveCheckpoint(SriovNetworkNodeState now) throws IOException;

  /** Waits for {@code condition}, which is looked at after each kernel event. */
  boolean await(Condition condition, Duration atMost) throws IOException, InterruptedException;

  void loadModule(String module) throws IOException;

  void saveRecord(PciAddress pf, Interface spec) throws IOException;

  void removeRecord(PciAddress pf) throws IOException;

  void writeUdevRule(String file, String content) throws IOException;

  void removeUdevRule(String file) throws IOException;

  void setPfMtu(PciAddress pf, int mtu) throws IOException;

  void setPfUp(PciAddress pf) throws IOException;

  void enableAutoprobe(PciAddress pf) throws IOException;

  int numVfs(PciAddress pf) throws IOException;

  /**
   * Blocks as long as the kernel makes or destroys VFs; ETIMEDOUT after two minutes, but then the
   * write goes on.
   */
  void writeNumVfs(PciAddress pf, int count) throws IOException;

  /** Blocks as {@link #writeNumVfs}. */
  void setEswitchMode(PciAddress pf, String mode) throws IOException;

  /** No error when the driver leaves it off. */
  void enableTcOffload(PciAddress pf) throws IOException;

  /** EOPNOTSUPP when the driver does not change it. */
  void setFlowSteering(PciAddress pf, String mode) throws IOException;

  /** The PF's port of its switch; empty while it does not tell name or switch. */
  Optional<SwitchPort> switchPort(PciAddress pf) throws IOException;

  /** Makes udev read its rules, then handle the PF's representors as if they were new. */
  void announceRepresentors(PciAddress pf) throws IOException;

  /** VFs whose device is there; the kernel adds them one by one. */
  int presentVfs(PciAddress pf) throws IOException;

  /** Address of a VF; empty when it is not there. */
  Optional<PciAddress> vf(PciAddress pf, int vf) throws IOException;

  Optional<String> driver(PciAddress pf, int vf) throws IOException;

  void unbind(PciAddress pf, int vf) throws IOException;

  void setDriverOverride(PciAddress pf, int vf, String driver) throws IOException;

  void clearDriverOverride(PciAddress pf, int vf) throws IOException;

  void bind(PciAddress pf, int vf, String driver) throws IOException;

  /** Lets the kernel look for a driver; no error when there is none. */
  void probe(PciAddress pf, int vf) throws IOException;

  boolean hasIommuGroup(PciAddress pf, int vf) throws IOException;

  /** MAC address of the VF's netdev; empty without netdev in the host's network namespace. */
  Optional<String> mac(PciAddress pf, int vf) throws IOException;

  void setVfMtu(PciAddress pf, int vf, int mtu) throws IOException;

  void setAdminMac(PciAddress pf, int vf, String mac) throws IOException;

  /** As {@link #setAdminMac} for several VFs, ascending; the first that is refused ends it. */
  void setAdminMacs(PciAddress pf, SortedMap<Integer, String> macs) throws IOException;

  /** Makes one setting of a VF on its PF. */
  void setVf(PciAddress pf, int vf, VfSetting setting) throws IOException;

  /** Gives the VF's netdev the address that the PF enforces, or would allow. */
  void setVfMac(PciAddress pf, int vf, String mac) throws IOException;

  /** Renames the VF's netdev; EEXIST if another link has the name. */
  void renameVf(PciAddress pf, int vf, String name) throws IOException;
}
