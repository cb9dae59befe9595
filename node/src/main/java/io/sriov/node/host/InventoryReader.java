package io.sriov.node.host;

import static java.util.Objects.requireNonNull;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.EswitchMode;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import io.sriov.linux.sysfs.PciDevice.VirtualFunction;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Eswitch;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Sriov;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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

  /** Embedded switches of cards. */
  interface Switches {
    /** Whether the card is one whose mode can be set. */
    boolean known(PciAddress pf) throws LinuxException;

    /** Empty where the card has no such notion. */
    Optional<EswitchMode> mode(PciAddress pf) throws LinuxException;

    Optional<String> flowSteering(PciAddress pf) throws LinuxException;

    Optional<Boolean> tcOffload(String netdev) throws LinuxException;
  }

  /** What is known of PFs besides what the kernel shows. */
  interface Experience {
    /** Whether the PF refused to set an address of a VF. */
    boolean refusesAdminMacs(PciAddress pf);

    /** A write from which the driver should be back: the PF must not be read meanwhile. */
    Optional<String> hanging(PciAddress pf);
  }

  private static final Logger log = LoggerFactory.getLogger(InventoryReader.class);

  private static final Pattern VF_PORT = Pattern.compile("pf\\d+vf(\\d+)");

  private final Sysfs sysfs;
  private final StoredFiles files;
  private final Links links;
  private final Switches switches;
  private final Supplier<List<SupportedNic>> supported;
  private final boolean anyModel;
  private final Experience experience;

  /** Addresses and identities of devices that were found to be no network controllers. */
  private final Map<String, Object> others = new ConcurrentHashMap<>();

  /** PFs as they were when they were read last. */
  private volatile Map<PciAddress, Pf> lastRead = Map.of();

  /**
   * @param anyModel whether cards that are not {@code supported} are listed too
   */
  InventoryReader(
      Sysfs sysfs,
      StoredFiles files,
      Links links,
      Switches switches,
      Supplier<List<SupportedNic>> supported,
      boolean anyModel,
      Experience experience) {
    this.sysfs = sysfs;
    this.files = files;
    this.links = links;
    this.switches = switches;
    this.supported = supported;
    this.anyModel = anyModel;
    this.experience = experience;
  }

  Inventory read() throws IOException {
    var dumped = new LinkTable(links.dump());
    List<PciDevice> devices = new PciBus(sysfs).devices();
    if (devices.isEmpty()) {
      throw new IOException("no PCI devices below " + sysfs.root());
    }
    List<Found> found = nics(devices);
    LinkTable table =
        found.stream().anyMatch(nic -> nic.renamedSince(dumped))
            ? new LinkTable(links.dump())
            : dumped;
    var pfs = new ArrayList<Pf>();
    for (Found nic : found) {
      var pci = new PciAddress(nic.device().address());
      Optional<String> hanging = experience.hanging(pci);
      Pf last = lastRead.get(pci);
      if (hanging.isPresent() && last != null) {
        pfs.add(last.hanging(hanging.get()));
        continue;
      }
      try {
        pf(nic, table).ifPresent(pfs::add);
      } catch (LinuxException e) {
        // One odd device must not hide the others.
        log.warn("PCI device {} is left out: {}", nic.device().address(), e.getMessage());
      }
    }
    Map<PciAddress, Pf> before = lastRead;
    lastRead =
        pfs.stream()
            .collect(
                Collectors.toMap(
                    Pf::pci, pf -> pf.hangs() == null ? pf : requireNonNull(before.get(pf.pci()))));
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

  /** A network controller that is no VF, the netdevs below it and its VFs. */
  private record Found(PciDevice device, List<String> names, List<VirtualFunction> vfs) {

    /**
     * A PF whose netdev got its name between the dump and the listing would look like one without a
     * netdev, be left out of the status and in the end lose its VFs.
     */
    boolean renamedSince(LinkTable links) {
      return !names.isEmpty() && names.stream().noneMatch(links::has);
    }
  }

  /** There may be a thousand VFs: those of a PF already met need not be looked at. */
  private List<Found> nics(List<PciDevice> devices) {
    var found = new ArrayList<Found>();
    var vfs = new HashSet<String>();
    for (PciDevice device : devices) {
      if (vfs.contains(device.address())) {
        continue;
      }
      try {
        if (isNetworkController(device) && !device.isVf()) {
          List<VirtualFunction> ofDevice = device.virtfns();
          ofDevice.forEach(vf -> vfs.add(vf.address()));
          found.add(new Found(device, device.netNames(), ofDevice));
        }
      } catch (LinuxException e) {
        log.warn("PCI device {} is left out: {}", device.address(), e.getMessage());
      }
    }
    return found;
  }

  /** Of the hundreds of devices of a server nearly all are something else, and remain it. */
  private boolean isNetworkController(PciDevice device) throws LinuxException {
    Optional<Object> identity = device.identity();
    if (identity.isPresent() && identity.get().equals(others.get(device.address()))) {
      return false;
    }
    OptionalInt found = device.deviceClass();
    if (found.isEmpty()) {
      return false;
    }
    boolean network = found.getAsInt() >>> 16 == PciDevice.NETWORK_CONTROLLER;
    if (!network) {
      identity.ifPresent(same -> others.put(device.address(), same));
    }
    return network;
  }

  private Optional<Boolean> flag(String parameter) throws LinuxException {
    return sysfs.textIfShown(sysfs.path(parameter)).map(Set.of("Y", "y", "1")::contains);
  }

  private Optional<Pf> pf(Found nic, LinkTable table) throws LinuxException {
    PciDevice device = nic.device();
    String vendor = device.vendor().orElse("");
    String model = device.device().orElse("");
    if (!anyModel && !SupportedNic.isPf(supported.get(), vendor, model)) {
      return Optional.empty();
    }
    Optional<String> driver = device.driver();
    Link link = table.choose(nic.names()).orElse(null);
    if (driver.isEmpty() || link == null) {
      return Optional.empty();
    }
    var pci = new PciAddress(device.address());
    Sriov sriov = sriov(device, pci, link);
    Map<Integer, String> representors =
        sriov != null && sriov.eswitchMode().equals("switchdev")
            ? representors(nic.names(), table)
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
            sriov == null || sriov.numVfs() == 0 ? List.of() : vfs(nic, link, table, representors),
            null));
  }

  private @Nullable Sriov sriov(PciDevice device, PciAddress pci, Link link) throws LinuxException {
    OptionalInt total = device.totalVfs();
    if (total.isEmpty()) {
      return null;
    }
    boolean eswitch =
        told(pci, "devlink device", () -> Optional.of(switches.known(pci))).orElse(false);
    return new Sriov(
        total.getAsInt(),
        device.numVfs().orElse(0),
        eswitch
            ? told(pci, "eswitch mode", () -> switches.mode(pci)).orElse(EswitchMode.LEGACY).word()
            : EswitchMode.LEGACY.word(),
        device.driversAutoprobe().orElse(true),
        device.attribute("sriov_vf_device").orElse(null),
        !eswitch
            ? null
            : new Eswitch(
                told(pci, "hw-tc-offload", () -> switches.tcOffload(link.name())).orElse(null),
                told(pci, "flow_steering_mode", () -> switches.flowSteering(pci))
                    .filter(steering -> !steering.isEmpty())
                    .orElse(null),
                link.physPortName().filter(name -> !name.isEmpty()).orElse(null),
                link.physSwitchId().filter(id -> !id.isEmpty()).orElse(null)));
  }

  @FunctionalInterface
  private interface Question<T> {
    Optional<T> ask() throws LinuxException;
  }

  /** What the kernel does not tell counts as not there, the mode as legacy (spec 03 §2.2). */
  private static <T> Optional<T> told(PciAddress pf, String what, Question<T> question) {
    try {
      return question.ask();
    } catch (LinuxException e) {
      log.warn("{} of {} is unknown: {}", what, pf, e.getMessage());
      return Optional.empty();
    }
  }

  private List<Vf> vfs(Found pf, Link pfLink, LinkTable table, Map<Integer, String> representors)
      throws LinuxException {
    Map<Integer, VfInfo> infos = new HashMap<>();
    pfLink.vfs().forEach(info -> infos.put(info.index(), info));
    boolean adminMacs = !experience.refusesAdminMacs(new PciAddress(pf.device().address()));
    var bus = new PciBus(sysfs);
    var vfs = new ArrayList<Vf>();
    // All VFs of a PF have the same ids; buses that do not exist need not be asked for each VF.
    boolean rdma = Files.isDirectory(sysfs.path("class/infiniband"));
    boolean vdpa = Files.isDirectory(sysfs.path("bus/vdpa/devices"));
    String vendor = null;
    String model = null;
    for (VirtualFunction virtfn : pf.vfs()) {
      PciDevice device = bus.device(virtfn.address());
      Link link = table.of(device).orElse(null);
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
              info == null || !adminMacs ? null : info.mac().toString(),
              vendor,
              model,
              rdma ? guid(device) : null,
              vdpa ? vdpaType(virtfn.address()) : null,
              representors.get(virtfn.index()),
              info == null ? null : settings(info)));
    }
    // The order in which a shell lists virtfn*: 0, 1, 10, 11, 2.
    vfs.sort(Comparator.comparing(vf -> Integer.toString(vf.id())));
    return vfs;
  }

  private static VfSettings settings(VfInfo info) {
    return new VfSettings(
        info.vlan(),
        info.qos(),
        info.spoofChk().orElse(null),
        info.trust().orElse(null),
        info.linkState().name().toLowerCase(Locale.ROOT),
        info.minTxRate(),
        info.maxTxRate());
  }

  private static Map<Integer, String> representors(List<String> names, LinkTable table) {
    var found = new HashMap<Integer, String>();
    for (String name : names) {
      Link link = table.named(name);
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
    return String.join(":", octets).toLowerCase(Locale.ROOT);
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
