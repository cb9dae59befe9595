package io.sriov.node.host;

import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.module.KernelModules;
import io.sriov.linux.netlink.DevlinkSocket;
import io.sriov.linux.netlink.EswitchMode;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real host, through sysfs and rtnetlink. */
public final class LinuxHost implements Host, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LinuxHost.class);

  private final Sysfs sysfs;
  private final PciBus bus;
  private final RouteSocket route;
  private final DevlinkSocket devlink;
  private final StoredFiles files;
  private final InventoryReader reader;
  private final KernelModules modules;
  private final KernelEvents events;

  /** PFs whose driver reports administrative MAC addresses but refuses to set any. */
  private final Set<PciAddress> withoutAdminMacs = ConcurrentHashMap.newKeySet();

  /**
   * @param supported card models to list; all are listed with {@code anyModel}
   */
  public LinuxHost(
      HostPaths paths,
      Supplier<List<SupportedNic>> supported,
      boolean anyModel,
      KernelEvents events)
      throws IOException {
    this.sysfs = new Sysfs(paths.sys());
    this.bus = new PciBus(sysfs);
    this.route = RouteSocket.open();
    this.devlink = openDevlink(route);
    this.files = new StoredFiles(paths);
    this.modules = new KernelModules(Path.of("/proc"), paths.root());
    this.events = events;
    this.reader =
        new InventoryReader(
            sysfs,
            files,
            route::links,
            this::eswitchMode,
            supported,
            anyModel,
            withoutAdminMacs::contains);
  }

  /** Installs the scripts that our udev rules call. */
  public void installUdevScript() throws IOException {
    files.installUdevScript();
  }

  @Override
  public void saveCheckpoint(SriovNetworkNodeState now) throws IOException {
    files.saveCheckpoint(now);
  }

  @Override
  public Inventory inventory() throws IOException {
    return reader.read();
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
    device(pf).setNumVfs(count);
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
    vfDevice(pf, vf).unbind();
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
    vfDevice(pf, vf).bind(driver);
  }

  @Override
  public void probe(PciAddress pf, int vf) throws IOException {
    vfDevice(pf, vf).probe();
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
    HardwareAddress address =
        HardwareAddress.parse(mac)
            .orElseThrow(
                () -> new LinuxException(Errno.EINVAL, "set administrative MAC address " + mac));
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
  public void close() {
    devlink.close();
    route.close();
  }

  private static DevlinkSocket openDevlink(RouteSocket opened) throws LinuxException {
    try {
      return DevlinkSocket.open();
    } catch (LinuxException e) {
      opened.close();
      throw e;
    }
  }

  /** What devlink does not tell counts as legacy (spec 03 §2.2). */
  private String eswitchMode(PciAddress pf) {
    try {
      return devlink.eswitchMode("pci", pf.value()).orElse(EswitchMode.LEGACY).word();
    } catch (LinuxException e) {
      log.warn("eswitch mode of {} is taken for legacy: {}", pf, e.getMessage());
      return EswitchMode.LEGACY.word();
    }
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

  private static Optional<String> netdev(PciDevice device) throws LinuxException {
    return device.netNames().stream().findFirst();
  }

  private static String requireNetdev(PciDevice device) throws LinuxException {
    return netdev(device)
        .orElseThrow(() ->
            new LinuxException(
                Errno.ENODEV,
                "find the netdev of " + device.address(),
                "none in the host's network namespace"));
  }
}
