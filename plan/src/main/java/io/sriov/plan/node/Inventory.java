package io.sriov.plan.node;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Facts of one node, taken at one moment. Everything a {@link NodePlan} depends on is in here, so
 * an inventory captured as JSON can be replayed elsewhere.
 *
 * @param pfs PFs with a driver and a netdev, ascending by address (spec 03 §2.1)
 * @param records what the last applied configurations were, also those of the Go daemon
 * @param udevRules rule files of ours
 * @param initial how PFs were when a daemon first saw this boot
 * @param inUse VFs given to containers
 * @param pciDrivers drivers registered on the PCI bus
 * @param vfDeviceIds device ids of supported VFs, hex without {@code 0x}
 * @param noIommu whether {@code vfio} works without IOMMU groups (enable_unsafe_noiommu_mode)
 * @param rdmaMode {@code shared}, {@code exclusive}, or absent without RDMA in the kernel
 * @param boot how the node was booted and will be
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Inventory(
    List<Pf> pfs,
    List<StoredPf> records,
    List<UdevRule> udevRules,
    List<InitialPf> initial,
    List<VfInUse> inUse,
    List<String> pciDrivers,
    List<String> vfDeviceIds,
    boolean noIommu,
    @Nullable String rdmaMode,
    Boot boot) {

  public Inventory {
    pfs = sorted(pfs);
    records = orEmpty(records);
    udevRules = orEmpty(udevRules);
    initial = orEmpty(initial);
    inUse = orEmpty(inUse);
    pciDrivers = orEmpty(pciDrivers);
    vfDeviceIds = orEmpty(vfDeviceIds);
    boot = boot == null ? Boot.UNKNOWN : boot;
  }

  /**
   * A physical function.
   *
   * @param mtu bytes
   * @param maxMtu largest MTU the driver allows in bytes, 0 when it does not say
   * @param linkType {@code ETH}, {@code IB} or absent
   * @param linkSpeed {@code <number> Mb/s}, absent when the link has none
   * @param linkAdminState {@code up}, {@code down} or absent
   * @param iommuGroup whether the function is in an IOMMU group
   * @param sriov absent when the card cannot have VFs
   * @param vfs in the order of the kernel's links: virtfn0, virtfn1, virtfn10, virtfn2
   * @param hangs write of ours from which the driver has not come back, and since when; the other
   *     facts are of before it. Absent normally
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Pf(
      PciAddress pci,
      String name,
      List<String> altNames,
      String vendor,
      String deviceId,
      String driver,
      @Nullable String mac,
      int mtu,
      int maxMtu,
      @Nullable String linkType,
      @Nullable String linkSpeed,
      @Nullable String linkAdminState,
      boolean iommuGroup,
      @Nullable Sriov sriov,
      List<Vf> vfs,
      @Nullable String hangs) {

    public Pf {
      altNames = orEmpty(altNames);
      vfs = orEmpty(vfs);
    }

    /** These facts, and that the driver does not come back from a write. */
    public Pf hanging(String write) {
      return new Pf(
          pci,
          name,
          altNames,
          vendor,
          deviceId,
          driver,
          mac,
          mtu,
          maxMtu,
          linkType,
          linkSpeed,
          linkAdminState,
          iommuGroup,
          sriov,
          vfs,
          write);
    }

    /** {@code legacy} or {@code switchdev}. */
    @JsonIgnore
    public String eswitchMode() {
      return sriov == null ? EswitchPlan.LEGACY : sriov.eswitchMode();
    }

    /** VFs that exist now. */
    @JsonIgnore
    public int numVfs() {
      return sriov == null ? 0 : sriov.numVfs();
    }
  }

  /**
   * The SR-IOV capability of a PF.
   *
   * @param eswitchMode {@code legacy} or {@code switchdev}
   * @param driversAutoprobe whether the kernel binds new VFs to their driver by itself
   * @param vfDeviceId device id of its VFs, hex without {@code 0x}, absent when unknown
   * @param eswitch absent when devlink does not know the card, so that its mode cannot be set
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Sriov(
      int totalVfs,
      int numVfs,
      String eswitchMode,
      boolean driversAutoprobe,
      @Nullable String vfDeviceId,
      @Nullable Eswitch eswitch) {}

  /**
   * The embedded switch of a PF.
   *
   * @param tcOffload whether {@code hw-tc-offload} is on, absent when the driver lets nobody switch
   *     it
   * @param flowSteering devlink's {@code flow_steering_mode}, absent when the driver has none
   * @param portName the uplink's {@code phys_port_name}, e.g. {@code p0}
   * @param switchId its {@code phys_switch_id}, hex; most drivers have one in switchdev mode only
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Eswitch(
      @Nullable Boolean tcOffload,
      @Nullable String flowSteering,
      @Nullable String portName,
      @Nullable String switchId) {}

  /**
   * A virtual function.
   *
   * @param id index on its PF, from 0
   * @param driverOverride value of {@code driver_override}, absent when not set
   * @param name netdev visible in the host's network namespace
   * @param mtu bytes, 0 without netdev
   * @param adminMac address that the PF enforces, all zero when it was never set, absent when the
   *     PF's driver has none
   * @param settings what else the PF reports of it, absent when it reports nothing
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Vf(
      PciAddress pci,
      int id,
      @Nullable String driver,
      @Nullable String driverOverride,
      @Nullable String name,
      @Nullable String mac,
      int mtu,
      @Nullable String adminMac,
      @Nullable String vendor,
      @Nullable String deviceId,
      @Nullable String guid,
      @Nullable String vdpaType,
      @Nullable String representorName,
      @Nullable VfSettings settings) {

    /** Whether its driver should have given it a netdev, but the host does not see any. */
    @JsonIgnore
    public boolean netdevElsewhere() {
      return name == null && driver != null && !Drivers.isUserspace(driver);
    }
  }

  /**
   * File {@code /etc/sriov-operator/pci/<address>} (spec 03 §4.13): its existence says that the
   * operator configured this PF.
   *
   * @param spec what was applied last, absent when the file cannot be read
   * @param error why it cannot be read
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record StoredPf(PciAddress pci, @Nullable Interface spec, @Nullable String error) {}

  /** A file in {@code /etc/udev/rules.d}. */
  public record UdevRule(String file, String content) {}

  /**
   * What a reset returns to.
   *
   * @param mtu bytes, 0 leaves the MTU alone
   * @param eswitchMode absent means legacy
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record InitialPf(PciAddress pci, int mtu, @Nullable String eswitchMode) {}

  public Optional<Pf> pf(PciAddress pci) {
    return pfs.stream().filter(pf -> pf.pci().equals(pci)).findFirst();
  }

  Optional<StoredPf> record(PciAddress pci) {
    return records.stream().filter(stored -> stored.pci().equals(pci)).findFirst();
  }

  Optional<String> udevRule(String file) {
    return udevRules.stream()
        .filter(rule -> rule.file().equals(file))
        .map(UdevRule::content)
        .findFirst();
  }

  /** These facts, and which VFs pods hold. */
  public Inventory withInUse(List<VfInUse> users) {
    return new Inventory(
        pfs, records, udevRules, initial, users, pciDrivers, vfDeviceIds, noIommu, rdmaMode, boot);
  }

  /** These facts with others about the boot. */
  public Inventory withBoot(Boot other) {
    return new Inventory(
        pfs, records, udevRules, initial, inUse, pciDrivers, vfDeviceIds, noIommu, rdmaMode, other);
  }

  /** Whether the configuration applied last left VF count and PF settings to somebody else. */
  public boolean externallyManaged(PciAddress pci) {
    return record(pci).map(StoredPf::spec).map(Interface::externallyManaged).orElse(false);
  }

  /** Containers that hold the VF, sorted. */
  List<VfInUse> usersOf(PciAddress vf) {
    return inUse.stream().filter(use -> use.vf().equals(vf)).sorted().toList();
  }

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /** One JSON document, indented. */
  public String toJson() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("inventory cannot be written as JSON", e);
    }
  }

  /** Reads what {@link #toJson} wrote. */
  public static Inventory fromJson(String json) throws IOException {
    return JSON.readValue(json, Inventory.class);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  private static List<Pf> sorted(@Nullable List<Pf> pfs) {
    return orEmpty(pfs).stream().sorted((a, b) -> a.pci().compareTo(b.pci())).toList();
  }
}
