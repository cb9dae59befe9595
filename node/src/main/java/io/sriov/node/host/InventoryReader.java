package io.sriov.node.host;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Sriov;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the facts of the host (spec 03 §2): sysfs and one dump of all links, no child process. */
final class InventoryReader {

  /** All links of the host's network namespace. */
  @FunctionalInterface
  interface Links {
    List<Link> dump() throws IOException;
  }

  /** Mode of a PF's embedded switch. */
  @FunctionalInterface
  interface EswitchModes {
    /** {@code legacy} also where the kernel knows no switch. */
    String of(PciAddress pf);
  }

  private static final Logger log = LoggerFactory.getLogger(InventoryReader.class);

  private static final Pattern VF_PORT = Pattern.compile("pf\\d+vf(\\d+)");

  private final Sysfs sysfs;
  private final StoredFiles files;
  private final Links links;
  private final EswitchModes eswitchModes;
  private final Supplier<List<SupportedNic>> supported;
  private final boolean anyModel;
  private final Predicate<PciAddress> withoutAdminMacs;

  /**
   * @param anyModel whether cards that are not {@code supported} are listed too
   * @param withoutAdminMacs PFs that refuse to set addresses of VFs
   */
  InventoryReader(
      Sysfs sysfs,
      StoredFiles files,
      Links links,
      EswitchModes eswitchModes,
      Supplier<List<SupportedNic>> supported,
      boolean anyModel,
      Predicate<PciAddress> withoutAdminMacs) {
    this.sysfs = sysfs;
    this.files = files;
    this.links = links;
    this.eswitchModes = eswitchModes;
    this.supported = supported;
    this.anyModel = anyModel;
    this.withoutAdminMacs = withoutAdminMacs;
  }

  Inventory read() throws IOException {
    Map<String, Link> listed = linksByName();
    Map<String, Link> byName = listed;
    List<PciDevice> devices = new PciBus(sysfs).devices();
    if (devices.isEmpty()) {
      throw new IOException("no PCI devices below " + sysfs.root());
    }
    if (devices.stream().anyMatch(device -> renamedSince(listed, device))) {
      byName = linksByName();
    }
    var pfs = new ArrayList<Pf>();
    for (PciDevice device : devices) {
      try {
        pf(device, byName).ifPresent(pfs::add);
      } catch (LinuxException e) {
        // One odd device must not hide the others.
        log.warn("PCI device {} is left out: {}", device.address(), e.getMessage());
      }
    }
    return new Inventory(
        pfs,
        files.records(),
        files.udevRules(),
        files.initial(),
        List.of(),
        sysfs.list(sysfs.path("bus/pci/drivers")),
        supported.get().stream().map(SupportedNic::vfDevice).distinct().sorted().toList(),
        flag("module/vfio/parameters/enable_unsafe_noiommu_mode").orElse(false),
        flag("module/ib_core/parameters/netns_mode")
            .map(shared -> shared ? "shared" : "exclusive")
            .orElse(null),
        Boot.UNKNOWN);
  }

  private Map<String, Link> linksByName() throws IOException {
    Map<String, Link> byName = new HashMap<>();
    links.dump().forEach(link -> byName.put(link.name(), link));
    return byName;
  }

  /**
   * A PF whose netdev got its name between the dump and the listing would look like one without a
   * netdev, be left out of the status and in the end lose its VFs.
   */
  private static boolean renamedSince(Map<String, Link> byName, PciDevice device) {
    try {
      List<String> names =
          device.isNetworkController() && !device.isVf() ? device.netNames() : List.of();
      return !names.isEmpty() && names.stream().noneMatch(byName::containsKey);
    } catch (LinuxException e) {
      // An odd device is told of when it is read.
      return false;
    }
  }

  private Optional<Boolean> flag(String parameter) throws LinuxException {
    return sysfs.textIfShown(sysfs.path(parameter)).map(text -> text.matches("[Yy1]"));
  }

  private Optional<Pf> pf(PciDevice device, Map<String, Link> byName) throws LinuxException {
    if (!device.isNetworkController() || device.isVf()) {
      return Optional.empty();
    }
    String vendor = device.vendor().orElse("");
    String model = device.device().orElse("");
    if (!anyModel && !SupportedNic.isPf(supported.get(), vendor, model)) {
      return Optional.empty();
    }
    Optional<String> driver = device.driver();
    List<String> names = device.netNames();
    Link link = PfNetdev.choose(names, byName).map(byName::get).orElse(null);
    if (driver.isEmpty() || link == null) {
      return Optional.empty();
    }
    var pci = new PciAddress(device.address());
    Sriov sriov = sriov(device, pci);
    Map<Integer, String> representors =
        sriov != null && sriov.eswitchMode().equals("switchdev")
            ? representors(names, byName)
            : Map.of();
    return Optional.of(
        new Pf(
            pci,
            link.name(),
            link.altNames(),
            vendor,
            model,
            driver.get(),
            mac(link),
            link.mtu(),
            link.maxMtu(),
            linkType(link),
            speed(link.name()),
            link.isUp() ? "up" : "down",
            device.iommuGroup().isPresent(),
            sriov,
            sriov == null || sriov.numVfs() == 0
                ? List.of()
                : vfs(device, link, byName, representors)));
  }

  private @Nullable Sriov sriov(PciDevice device, PciAddress pci) throws LinuxException {
    OptionalInt total = device.totalVfs();
    if (total.isEmpty()) {
      return null;
    }
    return new Sriov(
        total.getAsInt(),
        device.numVfs().orElse(0),
        eswitchModes.of(pci),
        device.driversAutoprobe().orElse(true),
        device.attribute("sriov_vf_device").orElse(null));
  }

  private List<Vf> vfs(
      PciDevice pf, Link pfLink, Map<String, Link> byName, Map<Integer, String> representors)
      throws LinuxException {
    Map<Integer, VfInfo> infos = new HashMap<>();
    if (!withoutAdminMacs.test(new PciAddress(pf.address()))) {
      pfLink.vfs().forEach(info -> infos.put(info.index(), info));
    }
    var bus = new PciBus(sysfs);
    var vfs = new ArrayList<Vf>();
    // All VFs of a PF have the same ids; buses that do not exist need not be asked for each VF.
    boolean rdma = Files.isDirectory(sysfs.path("class/infiniband"));
    boolean vdpa = Files.isDirectory(sysfs.path("bus/vdpa/devices"));
    String vendor = null;
    String model = null;
    for (PciDevice.VirtualFunction virtfn : pf.virtfns()) {
      PciDevice device = bus.device(virtfn.address());
      Link link = PfNetdev.choose(device.netNames(), byName).map(byName::get).orElse(null);
      VfInfo info = infos.get(virtfn.index());
      if (vendor == null) {
        vendor = device.vendor().orElse(null);
        model = device.device().orElse(null);
      }
      vfs.add(
          new Vf(
              new PciAddress(virtfn.address()),
              virtfn.index(),
              device.driver().orElse(null),
              device.driverOverride().orElse(null),
              link == null ? null : link.name(),
              link == null ? null : mac(link),
              link == null ? 0 : link.mtu(),
              info == null ? null : info.mac().toString(),
              vendor,
              model,
              rdma ? guid(device) : null,
              vdpa ? vdpaType(virtfn.address()) : null,
              representors.get(virtfn.index())));
    }
    // The order in which a shell lists virtfn*: 0, 1, 10, 11, 2.
    vfs.sort(Comparator.comparing(vf -> Integer.toString(vf.id())));
    return vfs;
  }

  private static Map<Integer, String> representors(List<String> names, Map<String, Link> byName) {
    var found = new HashMap<Integer, String>();
    for (String name : names) {
      Link link = byName.get(name);
      Matcher port = VF_PORT.matcher(link == null ? "" : link.physPortName().orElse(""));
      if (port.matches()) {
        found.put(Integer.parseInt(port.group(1)), name);
      }
    }
    return found;
  }

  private static @Nullable String mac(Link link) {
    return link.mac().length() == 0 ? null : link.mac().toString();
  }

  private static @Nullable String linkType(Link link) {
    return switch (link.type()) {
      case Link.ETHERNET -> "ETH";
      case Link.INFINIBAND -> "IB";
      default -> null;
    };
  }

  private @Nullable String speed(String netdev) throws LinuxException {
    Path attribute = sysfs.path("class/net").resolve(netdev).resolve("speed");
    return sysfs.textIfShown(attribute).map(mbits -> mbits + " Mb/s").orElse(null);
  }

  /**
   * Node GUID as upstream prints it, least significant byte first; sysfs shows it as four groups of
   * four hex digits, most significant first.
   */
  private @Nullable String guid(PciDevice vf) throws LinuxException {
    List<String> devices = vf.rdmaDevices();
    if (devices.size() != 1) {
      return null;
    }
    Path attribute = vf.path().resolve("infiniband").resolve(devices.getFirst());
    String digits = sysfs.textIfShown(attribute.resolve("node_guid")).orElse("").replace(":", "");
    if (!digits.matches("[0-9a-fA-F]{16}")) {
      return null;
    }
    var octets = new ArrayList<String>();
    for (int at = 14; at >= 0; at -= 2) {
      octets.add(digits.substring(at, at + 2));
    }
    return String.join(":", octets).toLowerCase(java.util.Locale.ROOT);
  }

  private @Nullable String vdpaType(String vf) throws LinuxException {
    Path device = sysfs.path("bus/vdpa/devices").resolve("vdpa:" + vf);
    return switch (sysfs.linkName(device.resolve("driver")).orElse("")) {
      case "virtio_vdpa" -> "virtio";
      case "vhost_vdpa" -> "vhost";
      default -> null;
    };
  }
}
