package io.sriov.node.host;

import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.module.KernelModules;
import io.sriov.linux.netlink.EswitchMode;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.linux.udev.Udev;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSetting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The real host, through sysfs and rtnetlink. */
public final class LinuxHost implements Host, AutoCloseable {

  private final Sysfs sysfs;
  private final PciBus bus;
  private final RouteSocket route;
  private final CardSwitches switches;
  private final StoredFiles files;
  private final InventoryReader reader;
  private final KernelModules modules;
  private final KernelEvents events;
  private final Udev udev;
  private final SlowWrites slowWrites;
  private final BootFacts boot;

  /** How the node was booted, which is not to be seen on its cards. */
  @FunctionalInterface
  public interface BootFacts {
    Boot read() throws IOException;
  }

  /** PFs whose driver reports administrative MAC addresses but refuses to set any. */
  private final Set<PciAddress> withoutAdminMacs = ConcurrentHashMap.newKeySet();

  /** The kernel probes every VF inside the write (spec 03 §8). */
  static final Duration SLOW_WRITE = Duration.ofMinutes(2);

  /**
   * @param supported card models to list; all are listed with {@code anyModel}
   */
  public LinuxHost(
      HostPaths paths,
      Supplier<List<SupportedNic>> supported,
      boolean anyModel,
      KernelEvents events,
      BootFacts boot)
      throws IOException {
    this(paths, supported, anyModel, events, boot, SLOW_WRITE);
  }

  /**
   * @param slowWrite after which a write that is not back counts as failed
   */
  LinuxHost(
      HostPaths paths,
      Supplier<List<SupportedNic>> supported,
      boolean anyModel,
      KernelEvents events,
      BootFacts boot,
      Duration slowWrite)
      throws IOException {
    this.sysfs = new Sysfs(paths.sys());
    this.bus = new PciBus(sysfs);
    this.route = RouteSocket.open();
    this.switches = openSwitches(route);
    this.files = new StoredFiles(paths);
    this.modules = new KernelModules(Path.of("/proc"), paths.root());
    this.udev = new Udev(paths.root(), sysfs);
    this.events = events;
    this.slowWrites = new SlowWrites(slowWrite, Clock.systemUTC(), events::signal);
    this.boot = boot;
    this.reader =
        new InventoryReader(
            sysfs, files, route::links, switches, supported, anyModel, new Experience());
  }

  private final class Experience implements InventoryReader.Experience {
    @Override
    public boolean refusesAdminMacs(PciAddress pf) {
      return withoutAdminMacs.contains(pf);
    }

    @Override
    public Optional<String> hanging(PciAddress pf) {
      return slowWrites.hanging(pf);
    }
  }

  /** Whether a PCI device with this address exists. */
  public boolean has(String address) {
    return bus.device(address).exists();
  }

  /** Installs the scripts that our udev rules call. */
  public void installUdevScripts() throws IOException {
    files.installUdevScripts();
  }

  @Override
  public void saveCheckpoint(SriovNetworkNodeState now) throws IOException {
    files.saveCheckpoint(now);
  }

  @Override
  public Inventory inventory() throws IOException {
    return reader.read().withBoot(boot.read());
  }

  @Override
  public boolean await(Condition condition, Duration atMost)
      throws IOException, InterruptedException {
    return events.await(condition, atMost);
  }

  @Override
  public void loadModule(String module) throws IOException {
    modules.load(module);
  }

  @Override
  public void saveRecord(PciAddress pf, Interface spec) throws IOException {
    files.saveRecord(pf, spec);
  }

  @Override
  public void removeRecord(PciAddress pf) throws IOException {
    files.removeRecord(pf);
  }

  @Override
  public void writeUdevRule(String file, String content) throws IOException {
    files.writeUdevRule(file, content);
  }

  @Override
  public void removeUdevRule(String file) throws IOException {
    files.removeUdevRule(file);
  }

  @Override
  public void setPfMtu(PciAddress pf, int mtu) throws IOException {
    change(device(pf), LinkChange.none().mtu(mtu));
  }

  @Override
  public void setPfUp(PciAddress pf) throws IOException {
    change(device(pf), LinkChange.none().up(true));
  }

  @Override
  public void enableAutoprobe(PciAddress pf) throws IOException {
    device(pf).setDriversAutoprobe(true);
  }

  @Override
  public int numVfs(PciAddress pf) throws IOException {
    return device(pf).numVfs().orElse(0);
  }

  @Override
  public void writeNumVfs(PciAddress pf, int count) throws IOException {
    slowWrites.run(
        pf, "write " + count + " to sriov_numvfs of " + pf, () -> device(pf).setNumVfs(count));
  }

  @Override
  public void setEswitchMode(PciAddress pf, String mode) throws IOException {
    EswitchMode wanted =
        EswitchMode.named(mode)
            .orElseThrow(() -> new LinuxException(Errno.EINVAL, "set eswitch mode " + mode));
    slowWrites.run(
        pf, "set eswitch mode " + mode + " of " + pf, () -> CardSwitches.setMode(pf, wanted));
  }

  @Override
  public void enableTcOffload(PciAddress pf) throws IOException {
    switches.enableTcOffload(requireNetdev(device(pf)));
  }

  @Override
  public void setFlowSteering(PciAddress pf, String mode) throws IOException {
    switches.setFlowSteering(pf, mode);
  }

  @Override
  public Optional<SwitchPort> switchPort(PciAddress pf) throws IOException {
    return PfNetdev.switchPort(sysfs, requireNetdev(device(pf)));
  }

  @Override
  public void announceRepresentors(PciAddress pf) throws IOException {
    udev.reloadRules();
    PciDevice device = device(pf);
    String uplink = requireNetdev(device);
    for (String name : device.netNames()) {
      if (!name.equals(uplink)) {
        try {
          udev.announce(name);
        } catch (LinuxException e) {
          // Renamed meanwhile, by udev itself.
          if (!e.is(Errno.ENOENT, Errno.ENODEV)) {
            throw e;
          }
        }
      }
    }
  }

  @Override
  public int presentVfs(PciAddress pf) throws IOException {
    int present = 0;
    for (PciDevice.VirtualFunction vf : device(pf).virtfns()) {
      if (bus.device(vf.address()).isVf()) {
        present++;
      }
    }
    return present;
  }

  @Override
  public Optional<PciAddress> vf(PciAddress pf, int vf) throws IOException {
    Path link = device(pf).path().resolve("virtfn" + vf);
    return sysfs.linkName(link).map(PciAddress::new);
  }

  @Override
  public Optional<String> driver(PciAddress pf, int vf) throws IOException {
    return vfDevice(pf, vf).driver();
  }

  @Override
  public void unbind(PciAddress pf, int vf) throws IOException {
    PciDevice device = vfDevice(pf, vf);
    slowWrites.run(pf, "unbind " + device, device::unbind);
  }

  @Override
  public void setDriverOverride(PciAddress pf, int vf, String driver) throws IOException {
    vfDevice(pf, vf).setDriverOverride(driver);
  }

  @Override
  public void clearDriverOverride(PciAddress pf, int vf) throws IOException {
    vfDevice(pf, vf).clearDriverOverride();
  }

  @Override
  public void bind(PciAddress pf, int vf, String driver) throws IOException {
    PciDevice device = vfDevice(pf, vf);
    slowWrites.run(pf, "bind " + device + " to " + driver, () -> device.bind(driver));
  }

  @Override
  public void probe(PciAddress pf, int vf) throws IOException {
    PciDevice device = vfDevice(pf, vf);
    slowWrites.run(pf, "probe " + device, device::probe);
  }

  @Override
  public boolean hasIommuGroup(PciAddress pf, int vf) throws IOException {
    return vfDevice(pf, vf).iommuGroup().isPresent();
  }

  @Override
  public Optional<String> mac(PciAddress pf, int vf) throws IOException {
    Optional<String> netdev = netdev(vfDevice(pf, vf));
    return netdev.isEmpty()
        ? Optional.empty()
        : sysfs
            .textIfShown(sysfs.path("class/net").resolve(netdev.get()).resolve("address"))
            .filter(mac -> !mac.isEmpty());
  }

  @Override
  public void setVfMtu(PciAddress pf, int vf, int mtu) throws IOException {
    change(vfDevice(pf, vf), LinkChange.none().mtu(mtu));
  }

  @Override
  public void setAdminMac(PciAddress pf, int vf, String mac) throws IOException {
    HardwareAddress address = address(mac);
    Link link = route.link(requireNetdev(device(pf)));
    try {
      route.setVf(link, vf, new VfChange.Mac(address));
    } catch (LinuxException e) {
      if (e.is(Errno.EOPNOTSUPP)) {
        withoutAdminMacs.add(pf);
      }
      throw e;
    }
  }

  @Override
  public void setAdminMacs(PciAddress pf, SortedMap<Integer, String> macs) throws IOException {
    var changes = new TreeMap<Integer, VfChange>();
    for (var mac : macs.entrySet()) {
      changes.put(mac.getKey(), new VfChange.Mac(address(mac.getValue())));
    }
    route.setVfs(requireNetdev(device(pf)), changes);
  }

  @Override
  public void setVf(PciAddress pf, int vf, VfSetting setting) throws IOException {
    VfChanges.set(route, route.link(requireNetdev(device(pf))), vf, setting);
  }

  @Override
  public void setVfMac(PciAddress pf, int vf, String mac) throws IOException {
    VfChanges.setMac(route, route.link(requireNetdev(vfDevice(pf, vf))), address(mac));
  }

  @Override
  public void renameVf(PciAddress pf, int vf, String name) throws IOException {
    VfChanges.rename(route, route.link(requireNetdev(vfDevice(pf, vf))), name);
  }

  @Override
  public void close() {
    slowWrites.close();
    switches.close();
    route.close();
  }

  private static CardSwitches openSwitches(RouteSocket opened) throws LinuxException {
    try {
      return CardSwitches.open();
    } catch (LinuxException e) {
      opened.close();
      throw e;
    }
  }

  private static HardwareAddress address(String mac) throws LinuxException {
    return HardwareAddress.parse(mac)
        .orElseThrow(() -> new LinuxException(Errno.EINVAL, "set MAC address " + mac));
  }

  private PciDevice device(PciAddress pci) {
    return bus.device(pci.value());
  }

  private PciDevice vfDevice(PciAddress pf, int vf) throws IOException {
    return device(
        vf(pf, vf)
            .orElseThrow(() -> new LinuxException(Errno.ENODEV, "find VF " + vf + " of " + pf)));
  }

  /** udev may rename a netdev between the look-up of its name and its use. */
  private void change(PciDevice device, LinkChange change) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        route.change(route.link(requireNetdev(device)), change);
        return;
      } catch (LinuxException e) {
        if (!e.is(Errno.ENODEV) || attempt == 3) {
          throw e;
        }
      }
    }
  }

  private Optional<String> netdev(PciDevice device) throws LinuxException {
    return PfNetdev.choose(device.netNames(), sysfs);
  }

  private String requireNetdev(PciDevice device) throws LinuxException {
    return netdev(device)
        .orElseThrow(() ->
            new LinuxException(
                Errno.ENODEV,
                "find the netdev of " + device.address(),
                "none in the host's network namespace"));
  }
}
