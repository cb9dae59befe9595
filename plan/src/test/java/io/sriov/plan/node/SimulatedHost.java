package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.node.Inventory.Eswitch;
import io.sriov.plan.node.Inventory.InitialPf;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Sriov;
import io.sriov.plan.node.Inventory.StoredPf;
import io.sriov.plan.node.Inventory.UdevRule;
import io.sriov.plan.node.Inventory.Vf;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;
import java.util.random.RandomGenerator;

/**
 * A host that obeys the kernel's rules for SR-IOV. Every method is one write a daemon can make, and
 * answers with the errno the kernel would give. Thread-safe, as a kernel is.
 */
public final class SimulatedHost {

  /** The kernel said no. */
  public static final class KernelError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String errno;

    KernelError(String errno, String operation) {
      super(errno + " from " + operation);
      this.errno = errno;
    }

    /** Symbolic name, e.g. {@code EBUSY}. */
    public String errno() {
      return errno;
    }
  }

  /** A PF; what the test does not set is as on an idle Intel 82576. */
  public static final class SimPf {
    public final PciAddress pci;
    public int totalVfs = 7;
    public int mtu = 1500;
    public int maxMtu = 9216;
    public boolean up;
    public boolean iommu = true;
    public boolean autoprobe = true;
    public boolean adminMacs = true;
    public boolean rdma;

    /** So many of the next bindings of the kernel's driver give no netdev. */
    public int silentProbes;

    public String name;
    public String driver = "igb";

    /** Whether devlink knows the card, so that it has a switch. */
    public boolean devlink;

    public String eswitchMode = "legacy";

    /** Null where the driver lets nobody switch it. */
    public Boolean tcOffload;

    /** Whether {@link #tcOffload} stays as it is. */
    public boolean tcOffloadStuck;

    public String flowSteering;

    /** Whether the uplink tells its port's name. */
    public boolean namesPort = true;

    /** VFs whose devices the kernel has not added yet. */
    public int missingVfs;

    /** So many looks at VFs' netdevs find none, because it takes a while. */
    public int slowNetdevs;

    public String linkType = "ETH";
    public String vfDriver = "igbvf";
    public final List<SimVf> vfs = new ArrayList<>();

    SimPf(PciAddress pci) {
      this.pci = pci;
    }

    String name() {
      return name == null ? "p" + pci.value().replaceAll("[^0-9a-f]", "") : name;
    }

    boolean isSwitch() {
      return eswitchMode.equals("switchdev");
    }
  }

  /** A VF. */
  public static final class SimVf {
    public final int id;
    public final PciAddress pci;
    public String driver;
    public String override;
    public String mac;
    public int mtu;
    public String adminMac = ZERO;
    public String guid;
    public String representor;

    /** Null for the one that a VF has from the beginning. */
    public String name;

    public VfSettings settings;

    SimVf(int id, PciAddress pci, VfSettings settings) {
      this.id = id;
      this.pci = pci;
      this.settings = settings;
    }
  }

  private static final String ZERO = "00:00:00:00:00:00";
  private static final String ZERO_GUID = "00:00:00:00:00:00:00:00";

  private final RandomGenerator random;
  private final Map<PciAddress, SimPf> pfs = new TreeMap<>();
  private final Map<PciAddress, StoredPf> records = new TreeMap<>();
  private final Map<String, String> rules = new TreeMap<>();
  private final Map<PciAddress, InitialPf> initial = new TreeMap<>();
  private final Set<String> drivers =
      new HashSet<>(Set.of("igbvf", "virtio-pci", "mlx5_core", "iavf"));
  private final List<VfInUse> inUse = new ArrayList<>();
  private final List<String> takenFromPods = new CopyOnWriteArrayList<>();

  /** What happened to VFs: {@code unbind <pf> <vf>}, {@code destroy <pf>}. */
  private final List<String> log = new ArrayList<>();

  public SimulatedHost(RandomGenerator random) {
    this.random = random;
  }

  public synchronized SimPf addPf(String pci) {
    var pf = new SimPf(new PciAddress(pci));
    pfs.put(pf.pci, pf);
    return pf;
  }

  public synchronized SimPf pf(String pci) {
    return pfs.get(new PciAddress(pci));
  }

  public synchronized void removePf(String pci) {
    pfs.remove(new PciAddress(pci));
  }

  public synchronized void use(PciAddress vf, String pod) {
    inUse.add(new VfInUse(vf, pod, "main"));
  }

  public synchronized void release() {
    inUse.clear();
  }

  public synchronized void initially(String pci, int mtu, String eswitchMode) {
    var address = new PciAddress(pci);
    initial.put(address, new InitialPf(address, mtu, eswitchMode));
  }

  public synchronized void corruptRecord(String pci) {
    var address = new PciAddress(pci);
    records.put(address, new StoredPf(address, null, "not JSON"));
  }

  public synchronized List<String> log() {
    return List.copyOf(log);
  }

  public synchronized Map<PciAddress, StoredPf> records() {
    return Map.copyOf(records);
  }

  public synchronized Map<String, String> rules() {
    return Map.copyOf(rules);
  }

  // Writes of a daemon.

  public synchronized void loadModule(String module) {
    drivers.add(module.replace('_', '-').equals("vfio-pci") ? "vfio-pci" : module);
  }

  public synchronized void saveRecord(PciAddress pf, Interface spec) {
    records.put(pf, new StoredPf(pf, spec, null));
  }

  public synchronized void removeRecord(PciAddress pf) {
    records.remove(pf);
  }

  public synchronized void writeRule(String file, String content) {
    rules.put(file, content);
  }

  public synchronized void removeRule(String file) {
    rules.remove(file);
  }

  public synchronized void setPfMtu(PciAddress pci, int mtu) {
    SimPf pf = found(pci);
    if (mtu > pf.maxMtu) {
      throw new KernelError("EINVAL", "mtu " + mtu);
    }
    pf.mtu = mtu;
  }

  public synchronized void setPfUp(PciAddress pci) {
    found(pci).up = true;
  }

  public synchronized void setAutoprobe(PciAddress pci, boolean on) {
    found(pci).autoprobe = on;
  }

  public synchronized void writeNumVfs(PciAddress pci, int count) {
    SimPf pf = found(pci);
    if (count < 0 || count > pf.totalVfs) {
      throw new KernelError("ERANGE", "sriov_numvfs " + count);
    }
    if (count == pf.vfs.size()) {
      return;
    }
    if (count > 0 && !pf.vfs.isEmpty()) {
      throw new KernelError("EBUSY", "sriov_numvfs " + count);
    }
    if (count == 0) {
      pf.vfs.forEach(vf -> mustNotBeInUse(vf, "destroyed"));
      pf.vfs.clear();
      log.add("destroy " + pci);
      return;
    }
    for (int id = 0; id < count; id++) {
      boolean spoofCheck = !pf.driver.startsWith("mlx");
      var settings = new VfSettings(0, 0, spoofCheck, false, "auto", 0, 0);
      var vf = new SimVf(id, vfAddress(pf, id), settings);
      pf.vfs.add(vf);
      if (pf.isSwitch()) {
        represent(pf, vf);
      }
      if (pf.autoprobe) {
        attach(pf, vf, pf.vfDriver);
      }
    }
  }

  public synchronized void setEswitchMode(PciAddress pci, String mode) {
    SimPf pf = found(pci);
    if (!pf.devlink) {
      throw new KernelError("ENODEV", "eswitch mode " + mode);
    }
    if (pf.driver.equals("ice") && !pf.vfs.isEmpty()) {
      throw new KernelError("EOPNOTSUPP", "eswitch mode " + mode);
    }
    if (pf.vfs.stream().anyMatch(vf -> vf.driver != null)) {
      throw new KernelError("EBUSY", "eswitch mode " + mode);
    }
    pf.eswitchMode = mode;
    pf.vfs.forEach(vf -> represent(pf, vf));
  }

  public synchronized void enableTcOffload(PciAddress pci) {
    SimPf pf = found(pci);
    if (pf.tcOffload != null && !pf.tcOffloadStuck) {
      pf.tcOffload = true;
    }
  }

  public synchronized void setFlowSteering(PciAddress pci, String mode) {
    SimPf pf = found(pci);
    if (pf.flowSteering == null || pf.isSwitch()) {
      throw new KernelError("EOPNOTSUPP", "flow_steering_mode " + mode);
    }
    pf.flowSteering = mode;
  }

  /** What the uplink tells of its port: name and id of the switch. */
  public synchronized Optional<Eswitch> eswitch(PciAddress pci) {
    return Optional.ofNullable(eswitch(found(pci)));
  }

  /** udev reads its rules and names the links that it is told of. */
  public synchronized void announceRepresentors(PciAddress pci) {
    log.add("udev " + pci);
    SimPf pf = found(pci);
    if (pf.isSwitch()) {
      pf.vfs.forEach(vf -> represent(pf, vf));
    }
  }

  private void represent(SimPf pf, SimVf vf) {
    String rule = rules.getOrDefault(UdevRules.representorsFile(pf.pci), "").strip();
    Eswitch found = eswitch(pf);
    boolean named =
        found != null
            && found.portName() != null
            && found.switchId() != null
            && rule.equals(UdevRules.representors(pf.name(), found.portName(), found.switchId()));
    vf.representor = !pf.isSwitch() ? null : named ? pf.name() + "_" + vf.id : "eth" + vf.id;
  }

  private static Eswitch eswitch(SimPf pf) {
    if (!pf.devlink) {
      return null;
    }
    return new Eswitch(
        pf.tcOffload,
        pf.flowSteering,
        pf.namesPort ? "p0" : null,
        pf.isSwitch() ? pf.pci.value().replaceAll("[^0-9a-f]", "") : null);
  }

  public synchronized void unbind(PciAddress pci, int id) {
    SimVf vf = found(pci, id);
    if (vf.driver == null) {
      throw new KernelError("ENODEV", "unbind " + vf.pci);
    }
    mustNotBeInUse(vf, "unbound");
    log.add("unbind " + pci + " " + id);
    vf.driver = null;
    vf.mac = null;
    vf.mtu = 0;
    vf.guid = null;
  }

  public synchronized void setOverride(PciAddress pci, int id, String driver) {
    found(pci, id).override = driver.isEmpty() ? null : driver;
  }

  public synchronized void probe(PciAddress pci, int id) {
    SimPf pf = found(pci);
    SimVf vf = found(pci, id);
    if (vf.driver != null || !pf.autoprobe && vf.override == null) {
      return;
    }
    String driver = vf.override == null ? pf.vfDriver : vf.override;
    if (drivers.contains(driver)) {
      attach(pf, vf, driver);
    }
  }

  public synchronized void bind(PciAddress pci, int id, String driver) {
    SimPf pf = found(pci);
    SimVf vf = found(pci, id);
    if (!drivers.contains(driver)) {
      throw new KernelError("ENOENT", "bind to " + driver);
    }
    if (vf.driver != null) {
      throw new KernelError("EBUSY", "bind " + vf.pci);
    }
    String match = vf.override == null ? pf.vfDriver : vf.override;
    if (!match.equals(driver) || !pf.autoprobe && vf.override == null) {
      throw new KernelError("ENODEV", "bind " + vf.pci + " to " + driver);
    }
    if (driver.equals("vfio-pci") && !pf.iommu) {
      throw new KernelError("EINVAL", "bind " + vf.pci + " to " + driver);
    }
    attach(pf, vf, driver);
  }

  public synchronized void setVfMtu(PciAddress pci, int id, int mtu) {
    SimPf pf = found(pci);
    SimVf vf = found(pci, id);
    if (vf.mac == null) {
      throw new KernelError("ENODEV", "mtu of VF " + id);
    }
    if (mtu > pf.mtu) {
      throw new KernelError("EINVAL", "mtu of VF " + id);
    }
    vf.mtu = mtu;
  }

  public synchronized void setAdminMac(PciAddress pci, int id, String mac) {
    SimVf vf = found(pci, id);
    if (!found(pci).adminMacs) {
      throw new KernelError("EOPNOTSUPP", "IFLA_VF_MAC");
    }
    vf.adminMac = mac;
  }

  public synchronized void setVf(PciAddress pci, int id, VfSetting setting) {
    SimVf vf = found(pci, id);
    VfSettings s = vf.settings;
    vf.settings =
        switch (setting) {
          case VfSetting.Vlan(int vlan, int qos) ->
              new VfSettings(
                  vlan,
                  qos,
                  s.spoofCheck(),
                  s.trust(),
                  s.linkState(),
                  s.minTxRate(),
                  s.maxTxRate());
          case VfSetting.SpoofCheck(boolean on) ->
              new VfSettings(
                  s.vlan(), s.qos(), on, s.trust(), s.linkState(), s.minTxRate(), s.maxTxRate());
          case VfSetting.Trust(boolean on) ->
              new VfSettings(
                  s.vlan(),
                  s.qos(),
                  s.spoofCheck(),
                  on,
                  s.linkState(),
                  s.minTxRate(),
                  s.maxTxRate());
          case VfSetting.LinkState(String state) ->
              new VfSettings(
                  s.vlan(),
                  s.qos(),
                  s.spoofCheck(),
                  s.trust(),
                  state,
                  s.minTxRate(),
                  s.maxTxRate());
          case VfSetting.Rate(int min, int max) ->
              new VfSettings(s.vlan(), s.qos(), s.spoofCheck(), s.trust(), s.linkState(), min, max);
        };
  }

  public synchronized void renameVf(PciAddress pci, int id, String name) {
    SimVf vf = found(pci, id);
    if (vf.mac == null) {
      throw new KernelError("ENODEV", "rename VF " + id);
    }
    vf.name = name;
  }

  /** As most drivers: only what the PF enforces, if it enforces something. */
  public synchronized void setVfMac(PciAddress pci, int id, String mac) {
    SimVf vf = found(pci, id);
    if (vf.mac == null) {
      throw new KernelError("ENODEV", "address of VF " + id);
    }
    if (!vf.adminMac.equals(ZERO) && !vf.adminMac.equals(mac)) {
      throw new KernelError("EADDRNOTAVAIL", "address of VF " + id);
    }
    vf.mac = mac;
  }

  /** Driver bound to the VF. */
  public synchronized Optional<String> driver(PciAddress pci, int id) {
    return Optional.ofNullable(found(pci, id).driver);
  }

  /** MAC address of the VF's netdev, empty without netdev. */
  public synchronized Optional<String> mac(PciAddress pci, int id) {
    if (found(pci).slowNetdevs > 0) {
      found(pci).slowNetdevs--;
      return Optional.empty();
    }
    return Optional.ofNullable(found(pci, id).mac);
  }

  public synchronized int numVfs(PciAddress pci) {
    return found(pci).vfs.size();
  }

  /** VFs whose devices are there. */
  public synchronized int presentVfs(PciAddress pci) {
    return found(pci).vfs.size() - found(pci).missingVfs;
  }

  public synchronized PciAddress vf(PciAddress pci, int id) {
    return found(pci, id).pci;
  }

  /** What a daemon would read. */
  public synchronized Inventory inventory() {
    return new Inventory(
        pfs.values().stream().map(this::fact).toList(),
        List.copyOf(records.values()),
        rules.entrySet().stream().map(e -> new UdevRule(e.getKey(), e.getValue())).toList(),
        List.copyOf(initial.values()),
        List.copyOf(inUse),
        drivers.stream().sorted().toList(),
        List.of("10ca", "1889", "101e"),
        false,
        null,
        Boot.UNKNOWN);
  }

  private Pf fact(SimPf pf) {
    var vfs = pf.vfs.stream().map(vf -> fact(pf, vf)).toList();
    return new Pf(
        pf.pci,
        pf.name(),
        List.of(),
        "8086",
        "10c9",
        pf.driver,
        "02:00:00:00:00:01",
        pf.mtu,
        pf.maxMtu,
        pf.linkType,
        "1000 Mb/s",
        pf.up ? "up" : "down",
        pf.iommu,
        pf.totalVfs == 0
            ? null
            : new Sriov(
                pf.totalVfs, pf.vfs.size(), pf.eswitchMode, pf.autoprobe, "10ca", eswitch(pf)),
        vfs.stream().sorted(Comparator.comparing(vf -> String.valueOf(vf.id()))).toList(),
        null);
  }

  private static Vf fact(SimPf pf, SimVf vf) {
    return new Vf(
        vf.pci,
        vf.id,
        vf.driver,
        vf.override,
        vf.mac == null ? null : vf.name != null ? vf.name : pf.name() + "v" + vf.id,
        vf.mac,
        vf.mtu,
        pf.adminMacs ? vf.adminMac : null,
        "8086",
        "10ca",
        vf.guid,
        null,
        vf.representor,
        vf.settings);
  }

  /** Everything but random addresses, to compare outcomes. */
  public synchronized Map<String, Object> shape() {
    return shape((_, _) -> true);
  }

  /** As {@link #shape()} with only the VFs, by PF and index, that are asked for. */
  public synchronized Map<String, Object> shape(BiPredicate<PciAddress, Integer> vfs) {
    var shape = new LinkedHashMap<String, Object>();
    for (SimPf pf : pfs.values()) {
      shape.put(
          pf.pci.value(),
          List.of(
              pf.mtu,
              pf.up,
              pf.autoprobe,
              pf.eswitchMode,
              String.valueOf(pf.tcOffload),
              String.valueOf(pf.flowSteering),
              pf.vfs.size(),
              pf.vfs.stream()
                  .filter(vf -> vfs.test(pf.pci, vf.id))
                  .map(vf ->
                      vf.id
                          + " "
                          + vf.driver
                          + " "
                          + vf.override
                          + " "
                          + vf.mtu
                          + " "
                          + vf.adminMac.equals(ZERO)
                          + " "
                          + ZERO_GUID.equals(vf.guid)
                          + " "
                          + vf.representor)
                  .toList()));
    }
    shape.put("records", Map.copyOf(records));
    shape.put("rules", Map.copyOf(rules));
    return shape;
  }

  private void attach(SimPf pf, SimVf vf, String driver) {
    vf.driver = driver;
    if (driver.equals(pf.vfDriver) && pf.silentProbes > 0) {
      pf.silentProbes--;
    } else if (driver.equals(pf.vfDriver)) {
      vf.mac = vf.adminMac.equals(ZERO) ? randomMac() : vf.adminMac;
      vf.mtu = 1500;
      vf.guid = !pf.rdma ? null : vf.adminMac.equals(ZERO) ? ZERO_GUID : vf.adminMac + ":00:01";
    }
  }

  /** What was done to VFs in use; the error that tells of it may get lost in who did it. */
  public List<String> takenFromPods() {
    return List.copyOf(takenFromPods);
  }

  private void mustNotBeInUse(SimVf vf, String what) {
    if (inUse.stream().anyMatch(use -> use.vf().equals(vf.pci))) {
      String taken = "VF " + vf.pci + " is in use and was " + what;
      takenFromPods.add(taken);
      throw new AssertionError(taken);
    }
  }

  private SimPf found(PciAddress pci) {
    SimPf pf = pfs.get(pci);
    if (pf == null) {
      throw new KernelError("ENOENT", pci.value());
    }
    return pf;
  }

  private SimVf found(PciAddress pci, int id) {
    List<SimVf> vfs = found(pci).vfs;
    if (id >= vfs.size()) {
      throw new KernelError("ENOENT", pci + " virtfn" + id);
    }
    return vfs.get(id);
  }

  private static PciAddress vfAddress(SimPf pf, int id) {
    String bus = pf.pci.value().substring(0, pf.pci.value().length() - 4);
    int function = pf.pci.value().charAt(pf.pci.value().length() - 1) - '0';
    return new PciAddress(bus + "%02x.%d".formatted(0x10 + 4 * function + id / 8, id % 8));
  }

  private String randomMac() {
    return "02:00:00:%02x:%02x:%02x"
        .formatted(random.nextInt(1, 256), random.nextInt(256), random.nextInt(256));
  }
}
