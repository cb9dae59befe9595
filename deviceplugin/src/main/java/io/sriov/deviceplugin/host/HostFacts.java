package io.sriov.deviceplugin.host;

import io.sriov.deviceplugin.config.DeviceKind;
import io.sriov.deviceplugin.pool.AuxDevice;
import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.FactsWanted;
import io.sriov.deviceplugin.pool.Netdev;
import io.sriov.deviceplugin.pool.PciFunction;
import io.sriov.deviceplugin.pool.VdpaDevice;
import io.sriov.linux.LinuxException;
import io.sriov.linux.sysfs.Sysfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what the kernel says about the PCI functions that pools may hold (spec 05 §3). */
public final class HostFacts {

  private static final Logger log = LoggerFactory.getLogger(HostFacts.class);
  private static final String VIRTFN = "virtfn";

  private final Sysfs sysfs;
  private final Path proc;
  private final Path dev;
  private final DriverFacts drivers;

  /**
   * @param sysfs usually of {@code /sys}
   * @param proc usually {@code /proc}
   * @param dev usually {@code /dev}
   */
  public HostFacts(Sysfs sysfs, Path proc, Path dev, DriverFacts drivers) {
    this.sysfs = sysfs;
    this.proc = proc;
    this.dev = dev;
    this.drivers = drivers;
  }

  /**
   * Every function of a class that some kind of pool looks at.
   *
   * @param next called before each function: one may take as long as its driver takes to answer
   */
  public Facts all(FactsWanted wanted, Runnable next) throws LinuxException {
    var look = look(wanted);
    var functions = new ArrayList<PciFunction>();
    for (var address : sysfs.list(sysfs.path("bus/pci/devices"))) {
      next.run();
      look.function(address).ifPresent(functions::add);
    }
    if (functions.isEmpty()) {
      log.warn("No network or accelerator function on the PCI bus");
    }
    return Facts.of(functions, vhostNet());
  }

  /** Whether {@code /dev/vhost-net} exists: since its kernel module was loaded. */
  public boolean vhostNet() {
    return Files.exists(dev.resolve("vhost-net"));
  }

  /** A look at some functions, which reads once what concerns all of them. */
  public Look look(FactsWanted wanted) throws LinuxException {
    return new Look(wanted, DefaultRoutes.read(proc), vdpaDevices());
  }

  /** The node at one moment. */
  public final class Look {
    private final FactsWanted wanted;
    private final Set<String> defaultRoutes;
    private final Map<Path, VdpaDevice> vdpaDevices;

    private Look(FactsWanted wanted, Set<String> defaultRoutes, Map<Path, VdpaDevice> vdpaDevices) {
      this.wanted = wanted;
      this.defaultRoutes = defaultRoutes;
      this.vdpaDevices = vdpaDevices;
    }

    /** One function; absent when it is gone or of another class. */
    public Optional<PciFunction> function(String address) {
      return HostFacts.this.function(address, this);
    }
  }

  private Optional<PciFunction> function(String address, Look look) {
    var path = sysfs.path("bus/pci/devices").resolve(address);
    try {
      var modalias = sysfs.text(path.resolve("modalias"));
      if (modalias.isEmpty()) {
        return Optional.empty();
      }
      var ids = Modalias.parse(modalias.get());
      if (ids.isEmpty()) {
        log.warn("{}: modalias \"{}\" is not of a PCI device; skipped", address, modalias.get());
        return Optional.empty();
      }
      int baseClass = ids.get().baseClass();
      if (Arrays.stream(DeviceKind.values()).noneMatch(kind -> kind.baseClass() == baseClass)) {
        return Optional.empty();
      }
      return Optional.of(read(address, path, ids.get(), look));
    } catch (LinuxException e) {
      log.warn("{}: {}; skipped", address, e.getMessage());
      return Optional.empty();
    }
  }

  /** What the list of entries lacks is not asked for: an answer in the negative costs more. */
  private PciFunction read(String address, Path path, Modalias ids, Look look)
      throws LinuxException {
    var entries = sysfs.list(path);
    Optional<String> fault = Optional.empty();
    var acpiIndex = "";
    try {
      if (entries.contains("acpi_index")) {
        acpiIndex = sysfs.text(path.resolve("acpi_index")).orElse("");
      }
    } catch (LinuxException e) {
      fault = Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    var physfn = link(path, entries, "physfn");
    var netdevs = netdevs(path, entries, look.defaultRoutes, physfn.isEmpty());
    var rdmaDevices = rdmaDevices(path, entries);
    var driver = link(path, entries, "driver");
    var vfIndexes = vfIndexes(path, entries);
    // Never of a PF with VFs, which no pool takes and whose driver answers only between changes.
    boolean ask = driver.isPresent() && vfIndexes.isEmpty();
    return new PciFunction(
        address,
        ids.vendor(),
        ids.device(),
        ids.baseClass(),
        driver,
        acpiIndex,
        physfn,
        number(path.resolve("numa_node")),
        vfIndexes,
        netdevs.stream().anyMatch(netdev -> !netdev.physSwitchId().isEmpty()),
        netdevs,
        entries.contains("sriov_totalvfs") && linkDown(path, netdevs),
        rdmaDevices,
        ask
            && look.wanted.rdmaEnabled()
            && rdmaDevices.isEmpty()
            && drivers.rdmaEnabled("pci", address),
        partitionKey(path, rdmaDevices),
        ask && look.wanted.ddpProfile() ? drivers.ddpProfile(address, physfn) : "",
        vdpa(path, look.vdpaDevices),
        auxiliary(path, entries, look),
        PciRegisters.silent(path.resolve("config")),
        fault);
  }

  private Optional<String> link(Path path, List<String> entries, String name)
      throws LinuxException {
    return entries.contains(name) ? sysfs.linkName(path.resolve(name)) : Optional.empty();
  }

  private List<String> rdmaDevices(Path path, List<String> entries) throws LinuxException {
    return entries.contains("infiniband") ? sysfs.list(path.resolve("infiniband")) : List.of();
  }

  /**
   * Also of a virtio device, whose netdev hangs one level deeper.
   *
   * @param ports whether they can be ports of a switch
   */
  private List<Netdev> netdevs(
      Path path, List<String> entries, Set<String> defaultRoutes, boolean ports)
      throws LinuxException {
    var netdevs = new ArrayList<Netdev>();
    for (var entry : entries) {
      if (entry.equals("net")) {
        netdevs(path.resolve("net"), defaultRoutes, ports, netdevs);
      } else if (entry.startsWith("virtio")) {
        netdevs(path.resolve(entry).resolve("net"), defaultRoutes, ports, netdevs);
      }
    }
    return netdevs;
  }

  private void netdevs(Path net, Set<String> defaultRoutes, boolean ports, List<Netdev> found)
      throws LinuxException {
    for (var name : sysfs.list(net)) {
      var path = net.resolve(name);
      found.add(
          new Netdev(
              name,
              number(path.resolve("type")),
              ports ? shown(path.resolve("phys_switch_id")) : "",
              ports ? shown(path.resolve("phys_port_name")) : "",
              defaultRoutes.contains(name)));
    }
  }

  /** Of the uplink; the kernel shows no carrier of a netdev that is not up. */
  private boolean linkDown(Path path, List<Netdev> netdevs) {
    return netdevs.stream()
        .filter(netdev -> !netdev.representor())
        .findFirst()
        .filter(netdev ->
            shown(path.resolve("net").resolve(netdev.name()).resolve("carrier")).equals("0"))
        .isPresent();
  }

  private Map<String, Integer> vfIndexes(Path path, List<String> entries) throws LinuxException {
    var indexes = new HashMap<String, Integer>();
    for (var entry : entries) {
      if (entry.startsWith(VIRTFN)) {
        var vf = sysfs.linkName(path.resolve(entry));
        if (vf.isPresent()) {
          indexes.put(vf.get(), Integer.parseInt(entry.substring(VIRTFN.length())));
        }
      }
    }
    return indexes;
  }

  private String partitionKey(Path path, List<String> rdmaDevices) {
    return rdmaDevices.isEmpty()
        ? ""
        : shown(
            path.resolve("infiniband").resolve(rdmaDevices.getFirst()).resolve("ports/1/pkeys/0"));
  }

  /** By the function's part of the path; the name of a vDPA device can be anything. */
  private static Optional<VdpaDevice> vdpa(Path function, Map<Path, VdpaDevice> devices) {
    return Optional.ofNullable(devices.get(function.getFileName()));
  }

  private Map<Path, VdpaDevice> vdpaDevices() throws LinuxException {
    var devices = sysfs.path("bus/vdpa/devices");
    var byFunction = new HashMap<Path, VdpaDevice>();
    for (var name : sysfs.list(devices)) {
      try {
        var parent = devices.resolve(name).toRealPath().getParent();
        if (parent != null) {
          var driver = sysfs.linkName(devices.resolve(name).resolve("driver")).orElse("");
          byFunction.putIfAbsent(
              parent.getFileName(), new VdpaDevice(name, VdpaDevice.typeOf(driver)));
        }
      } catch (java.io.IOException e) {
        log.debug("vDPA device {} is gone: {}", name, e.getMessage());
      }
    }
    return byFunction;
  }

  private List<AuxDevice> auxiliary(Path path, List<String> entries, Look look)
      throws LinuxException {
    if (!entries.contains("net")) {
      return List.of();
    }
    var devices = new ArrayList<AuxDevice>();
    for (var entry : entries) {
      if (AuxDevice.isName(entry)) {
        var aux = path.resolve(entry);
        var netdevs = new ArrayList<Netdev>();
        netdevs(aux.resolve("net"), look.defaultRoutes, true, netdevs);
        var rdmaDevices = sysfs.list(aux.resolve("infiniband"));
        devices.add(
            new AuxDevice(
                entry,
                number(aux.resolve("sfnum")),
                netdevs,
                rdmaDevices,
                look.wanted.rdmaEnabled()
                    && rdmaDevices.isEmpty()
                    && drivers.rdmaEnabled("auxiliary", entry)));
      }
    }
    return devices;
  }

  /** Not negative; absent also for what cannot be read or is no number. */
  private OptionalInt number(Path attribute) {
    try {
      var number = sysfs.integer(attribute);
      return number.isPresent() && number.getAsInt() >= 0 ? number : OptionalInt.empty();
    } catch (LinuxException e) {
      log.debug("{}", e.getMessage());
      return OptionalInt.empty();
    }
  }

  /** Empty also for an attribute that the driver refuses to show. */
  private String shown(Path attribute) {
    try {
      return sysfs.text(attribute).orElse("");
    } catch (LinuxException e) {
      return "";
    }
  }
}
