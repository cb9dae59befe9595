package io.sriov.node.apply;

import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.node.host.Host;
import io.sriov.node.host.SwitchPort;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.plan.node.VfSetting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * The simulated host as the daemon's {@link Host}. Writes can be made to fail, and the daemon can
 * be killed around any of them. Nothing takes time, so waits end at once.
 */
public final class SimulatedKernel implements Host {

  /** The process is gone. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  /** At something that is awaited, until its deadline is over. */
  private static final int LOOKS = 3;

  private final SimulatedHost host;
  private final List<String> writes = new ArrayList<>();
  private final Map<String, Errno> failures = new HashMap<>();
  private final Map<String, Runnable> interludes = new HashMap<>();
  private int killAt = Integer.MAX_VALUE;
  private boolean killAfterwards;
  private boolean dead;
  private int looks;
  private Supplier<Boot> boot = () -> Boot.UNKNOWN;
  private Errno unreadable;

  public SimulatedKernel(SimulatedHost host) {
    this.host = host;
  }

  /** Writes so far, e.g. {@code numvfs 0000:04:00.0 7}. */
  public synchronized List<String> writes() {
    return List.copyOf(writes);
  }

  /** How often somebody read the whole inventory. */
  public synchronized int looks() {
    return looks;
  }

  /** Runs {@code meanwhile} while the write is under way. */
  public synchronized void before(String write, Runnable meanwhile) {
    interludes.put(write, meanwhile);
  }

  /** The write fails from now on. */
  public synchronized void fail(String write, Errno errno) {
    failures.put(write, errno);
  }

  public synchronized void heal() {
    failures.clear();
    unreadable = null;
  }

  /**
   * Kills the daemon at a write, counted from 0.
   *
   * @param afterwards when the kernel has carried it out already
   */
  public synchronized void killAt(int write, boolean afterwards) {
    killAt = write;
    killAfterwards = afterwards;
  }

  @FunctionalInterface
  private interface Write {
    void run();
  }

  private synchronized void write(String text, Write write) throws LinuxException {
    if (dead || writes.size() == killAt && !killAfterwards) {
      dead = true;
      throw new Killed();
    }
    int number = writes.size();
    writes.add(text);
    if (failures.containsKey(text)) {
      throw new LinuxException(failures.get(text), text);
    }
    interludes.getOrDefault(text, () -> {}).run();
    try {
      write.run();
    } catch (SimulatedHost.KernelError e) {
      throw new LinuxException(Errno.named(e.errno()).orElseThrow(), text);
    }
    if (number == killAt) {
      dead = true;
      throw new Killed();
    }
  }

  /** How the kernel was started. */
  public synchronized void booted(Supplier<Boot> facts) {
    boot = facts;
  }

  /** Nothing of the host can be read, until {@link #heal}. */
  public synchronized void unreadable(Errno errno) {
    unreadable = errno;
  }

  @FunctionalInterface
  private interface Read<T> {
    T get();
  }

  private static <T> T read(String text, Read<T> read) throws LinuxException {
    try {
      return read.get();
    } catch (SimulatedHost.KernelError e) {
      throw new LinuxException(Errno.named(e.errno()).orElseThrow(), text);
    }
  }

  @Override
  public synchronized Inventory inventory() throws LinuxException {
    looks++;
    if (unreadable != null) {
      throw new LinuxException(unreadable, "read the PCI devices");
    }
    return host.inventory().withBoot(boot.get());
  }

  @Override
  public void saveCheckpoint(SriovNetworkNodeState now) {}

  @Override
  public boolean await(Condition condition, Duration atMost) throws IOException {
    for (int look = 0; look < LOOKS; look++) {
      if (condition.holds()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void loadModule(String module) throws LinuxException {
    write("module " + module, () -> host.loadModule(module));
  }

  @Override
  public void saveRecord(PciAddress pf, Interface spec) throws LinuxException {
    write("record " + pf, () -> host.saveRecord(pf, spec));
  }

  @Override
  public void removeRecord(PciAddress pf) throws LinuxException {
    write("remove record " + pf, () -> host.removeRecord(pf));
  }

  @Override
  public void writeUdevRule(String file, String content) throws LinuxException {
    write("rule " + file, () -> host.writeRule(file, content));
  }

  @Override
  public void removeUdevRule(String file) throws LinuxException {
    write("remove rule " + file, () -> host.removeRule(file));
  }

  @Override
  public void setPfMtu(PciAddress pf, int mtu) throws LinuxException {
    write("mtu " + pf + " " + mtu, () -> host.setPfMtu(pf, mtu));
  }

  @Override
  public void setPfUp(PciAddress pf) throws LinuxException {
    write("up " + pf, () -> host.setPfUp(pf));
  }

  @Override
  public void enableAutoprobe(PciAddress pf) throws LinuxException {
    write("autoprobe " + pf, () -> host.setAutoprobe(pf, true));
  }

  @Override
  public int numVfs(PciAddress pf) throws LinuxException {
    return read("sriov_numvfs of " + pf, () -> host.numVfs(pf));
  }

  @Override
  public void writeNumVfs(PciAddress pf, int count) throws LinuxException {
    write("numvfs " + pf + " " + count, () -> host.writeNumVfs(pf, count));
  }

  @Override
  public void setEswitchMode(PciAddress pf, String mode) throws LinuxException {
    write("eswitch " + pf + " " + mode, () -> host.setEswitchMode(pf, mode));
  }

  @Override
  public void enableTcOffload(PciAddress pf) throws LinuxException {
    write("hw-tc-offload " + pf, () -> host.enableTcOffload(pf));
  }

  @Override
  public void setFlowSteering(PciAddress pf, String mode) throws LinuxException {
    write("flow_steering_mode " + pf + " " + mode, () -> host.setFlowSteering(pf, mode));
  }

  @Override
  public Optional<SwitchPort> switchPort(PciAddress pf) throws LinuxException {
    return read("switch of " + pf, () -> host.eswitch(pf))
        .filter(found -> found.portName() != null && found.switchId() != null)
        .map(found -> new SwitchPort(found.portName(), found.switchId()));
  }

  @Override
  public void announceRepresentors(PciAddress pf) throws LinuxException {
    write("udev " + pf, () -> host.announceRepresentors(pf));
  }

  @Override
  public int presentVfs(PciAddress pf) throws LinuxException {
    return read("VFs of " + pf, () -> host.presentVfs(pf));
  }

  @Override
  public Optional<PciAddress> vf(PciAddress pf, int vf) throws LinuxException {
    return Optional.of(read("VF " + vf + " of " + pf, () -> host.vf(pf, vf)));
  }

  @Override
  public Optional<String> driver(PciAddress pf, int vf) throws LinuxException {
    return read("driver of VF " + vf + " of " + pf, () -> host.driver(pf, vf));
  }

  @Override
  public void unbind(PciAddress pf, int vf) throws LinuxException {
    write("unbind " + pf + " " + vf, () -> host.unbind(pf, vf));
  }

  @Override
  public void setDriverOverride(PciAddress pf, int vf, String driver) throws LinuxException {
    write("override " + pf + " " + vf, () -> host.setOverride(pf, vf, driver));
  }

  @Override
  public void clearDriverOverride(PciAddress pf, int vf) throws LinuxException {
    write("clear override " + pf + " " + vf, () -> host.setOverride(pf, vf, ""));
  }

  @Override
  public void bind(PciAddress pf, int vf, String driver) throws LinuxException {
    write("bind " + pf + " " + vf + " " + driver, () -> host.bind(pf, vf, driver));
  }

  @Override
  public void probe(PciAddress pf, int vf) throws LinuxException {
    write("probe " + pf + " " + vf, () -> host.probe(pf, vf));
  }

  @Override
  public boolean hasIommuGroup(PciAddress pf, int vf) {
    return host.inventory().pfs().stream()
        .filter(fact -> fact.pci().equals(pf))
        .allMatch(Inventory.Pf::iommuGroup);
  }

  @Override
  public Optional<String> mac(PciAddress pf, int vf) throws LinuxException {
    return read("address of VF " + vf + " of " + pf, () -> host.mac(pf, vf));
  }

  @Override
  public void setVfMtu(PciAddress pf, int vf, int mtu) throws LinuxException {
    write("mtu " + pf + " " + vf + " " + mtu, () -> host.setVfMtu(pf, vf, mtu));
  }

  @Override
  public void setAdminMac(PciAddress pf, int vf, String mac) throws LinuxException {
    write("mac " + pf + " " + vf, () -> host.setAdminMac(pf, vf, mac));
  }

  @Override
  public void setAdminMacs(PciAddress pf, SortedMap<Integer, String> macs) throws LinuxException {
    for (var mac : macs.entrySet()) {
      setAdminMac(pf, mac.getKey(), mac.getValue());
    }
  }

  @Override
  public void setVf(PciAddress pf, int vf, VfSetting setting) throws LinuxException {
    write("set " + pf + " " + vf + " " + setting.text(), () -> host.setVf(pf, vf, setting));
  }

  @Override
  public void setVfMac(PciAddress pf, int vf, String mac) throws LinuxException {
    write("netdev mac " + pf + " " + vf, () -> host.setVfMac(pf, vf, mac));
  }

  @Override
  public void renameVf(PciAddress pf, int vf, String name) throws LinuxException {
    write("rename " + pf + " " + vf + " " + name, () -> host.renameVf(pf, vf, name));
  }
}
