package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.StoredPf;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.Wanted.Group;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Steps for a PF that the desired state names. */
final class ConfigurePlan {

  /** MTU in bytes that a VF's netdev has when it is made. */
  private static final int FRESH_MTU = 1500;

  private static final String BEFORE_NETWORK = "VFs are configured when the network is up";

  /** Module of each driver whose name differs from its module's. */
  private static final Map<String, String> MODULES = Map.of("vfio-pci", "vfio_pci");

  private final Wanted wanted;
  private final Pf pf;
  private final PciAddress pci;
  private final Inventory inventory;
  private final Phase phase;
  private final EswitchPlan eswitch;
  private final List<Step> steps = new ArrayList<>();
  private final List<Blocked> blocked = new ArrayList<>();

  ConfigurePlan(Wanted wanted, Inventory inventory, Phase phase) {
    this.wanted = wanted;
    this.pf = wanted.pf();
    this.pci = pf.pci();
    this.inventory = inventory;
    this.phase = phase;
    this.eswitch = new EswitchPlan(pf, wanted.eswitchMode(), wanted.spec().numVfs());
  }

  PfPlan plan() {
    boolean managed = !wanted.spec().externallyManaged();
    boolean recreate = managed && eswitch.recreates();
    if (recreate) {
      List<VfInUse> users = usersOfAllVfs(pf, inventory);
      if (!users.isEmpty()) {
        return new PfPlan(
            pci, List.of(), List.of(new Blocked(eswitch.essence(), users)), List.of());
      }
    }
    // Whatever can fail without leaving a trace comes before what makes or destroys VFs.
    if (phase == Phase.FULL) {
      modules();
    }
    record();
    if (managed) {
      udevRules();
      if (wanted.mtu() > pf.mtu()) {
        steps.add(new Step.SetPfMtu(pci, pf.mtu(), wanted.mtu()));
      }
    }
    if (phase == Phase.FULL && "down".equals(pf.linkAdminState())) {
      steps.add(new Step.SetPfUp(pci));
    }
    List<Step> ofVfs = vfSteps(managed, recreate);
    if (!autoprobe() && ofVfs.stream().anyMatch(ConfigurePlan::needsProbe)) {
      steps.add(new Step.EnableAutoprobe(pci));
    }
    if (recreate) {
      steps.addAll(eswitch.steps(macsOfUserspaceVfs(), newVfsAreProbed()));
    }
    if (managed) {
      representors();
    }
    steps.addAll(ofVfs);
    return new PfPlan(pci, steps, blocked, List.of());
  }

  private List<Step> vfSteps(boolean managed, boolean recreate) {
    if (phase == Phase.FULL) {
      return recreate ? freshVfs() : presentVfs();
    }
    if (!managed) {
      return List.of();
    }
    if (!recreate) {
      List<Step> unbindings = EswitchPlan.unbindings(pf, BEFORE_NETWORK).toList();
      List<VfInUse> users = usersOfAllVfs(pf, inventory);
      if (!unbindings.isEmpty() && !users.isEmpty()) {
        // The service was started by hand on a node in use.
        blocked.add(new Blocked(unbindings.getFirst(), users));
        return List.of();
      }
      return unbindings;
    }
    return eswitch.leavesVfsUnbound() || !autoprobe()
        ? List.of()
        : IntStream.range(0, wanted.spec().numVfs())
            .<Step>mapToObj(vf -> new Step.UnbindDriver(pci, vf, BEFORE_NETWORK))
            .toList();
  }

  private boolean autoprobe() {
    return pf.sriov() == null || pf.sriov().driversAutoprobe();
  }

  /** Nobody may switch autoprobe on just for VFs that are to be unbound. */
  private boolean newVfsAreProbed() {
    return autoprobe() || phase == Phase.FULL && wantsKernelDrivers();
  }

  private boolean wantsKernelDrivers() {
    return IntStream.range(0, wanted.spec().numVfs())
        .mapToObj(wanted::groupOf)
        .flatMap(Optional::stream)
        .anyMatch(group -> group.driver() == null);
  }

  private static boolean needsProbe(Step step) {
    return step instanceof Step.BindDefaultDriver
        || step instanceof Step.RebindDriver
        || step instanceof Step.SetVfAdminMac mac && mac.required();
  }

  static List<VfInUse> usersOfAllVfs(Pf pf, Inventory inventory) {
    return pf.vfs().stream().flatMap(vf -> inventory.usersOf(vf.pci()).stream()).sorted().toList();
  }

  private void modules() {
    wanted.groups().stream()
        .map(Group::driver)
        .filter(driver -> driver != null && !inventory.pciDrivers().contains(driver))
        .map(driver -> MODULES.getOrDefault(driver, driver))
        .distinct()
        .sorted()
        .forEach(module -> steps.add(new Step.LoadModule(pci, module)));
  }

  private void record() {
    Optional<Interface> stored = inventory.record(pci).map(StoredPf::spec);
    if (stored.isEmpty() || !normal(stored.get()).equals(normal(wanted.spec()))) {
      steps.add(new Step.SavePfRecord(pci, wanted.spec()));
    }
  }

  private void udevRules() {
    String own = pf.sriov() == null ? null : pf.sriov().vfDeviceId();
    udevRule(UdevRules.nmDisableFile(pci), UdevRules.nmDisable(pci, inventory.vfDeviceIds(), own));
    if (switchdev()) {
      udevRule(UdevRules.pfNameFile(pci), UdevRules.pfName(pci, name()));
      return;
    }
    UdevRules.switchdevFiles(pci).stream()
        .filter(file -> inventory.udevRule(file).isPresent())
        .forEach(file -> steps.add(new Step.RemoveUdevRule(pci, file)));
  }

  private void udevRule(String file, String content) {
    if (!inventory.udevRule(file).equals(Optional.of(content))) {
      steps.add(new Step.WriteUdevRule(pci, file, content));
    }
  }

  private void representors() {
    if (!switchdev()) {
      return;
    }
    boolean differs =
        representorsRule()
            .map(rule ->
                !inventory.udevRule(UdevRules.representorsFile(pci)).equals(Optional.of(rule)))
            .orElse(false);
    if (eswitch.changesMode() || differs) {
      steps.add(new Step.NameRepresentors(pci, name()));
    }
  }

  /** Empty as long as the card does not tell its switch's id or the port's name. */
  private Optional<String> representorsRule() {
    Inventory.Eswitch found = pf.sriov() == null ? null : pf.sriov().eswitch();
    return found == null || found.portName() == null || found.switchId() == null
        ? Optional.empty()
        : Optional.of(UdevRules.representors(name(), found.portName(), found.switchId()));
  }

  private boolean switchdev() {
    return wanted.eswitchMode().equals(EswitchPlan.SWITCHDEV);
  }

  /** As the policy's author knows the PF. */
  private String name() {
    String name = wanted.spec().name();
    return name == null || name.isEmpty() ? pf.name() : name;
  }

  /** Of new VFs that lose the kernel's driver before they get a userspace one. */
  private List<Step> macsOfUserspaceVfs() {
    return phase == Phase.BEFORE_NETWORK || !newVfsAreProbed()
        ? List.of()
        : IntStream.range(0, wanted.spec().numVfs())
            .filter(vf -> wanted.groupOf(vf).filter(group -> group.driver() != null).isPresent())
            .<Step>mapToObj(vf -> new Step.SetVfAdminMac(pci, vf, false))
            .toList();
  }

  /** Steps for VFs that will just have been made. */
  private List<Step> freshVfs() {
    var made = new ArrayList<Step>();
    boolean unbound = eswitch.leavesVfsUnbound();
    boolean bound = newVfsAreProbed() && !unbound;
    for (int vf = 0; vf < wanted.spec().numVfs(); vf++) {
      Group group = wanted.groupOf(vf).orElse(null);
      if (group == null) {
        continue;
      }
      if (group.driver() != null) {
        if (bound) {
          made.add(new Step.SetVfAdminMac(pci, vf, false));
        }
        made.add(new Step.BindDriver(pci, vf, null, group.driver()));
        continue;
      }
      if (unbound) {
        made.add(new Step.BindDefaultDriver(pci, vf, null));
      }
      made.add(new Step.SetVfAdminMac(pci, vf, true));
      if (group.rdma()) {
        made.add(new Step.RebindDriver(pci, vf));
      }
      if (group.mtu() > 0 && group.mtu() != FRESH_MTU) {
        made.add(new Step.SetVfMtu(pci, vf, FRESH_MTU, group.mtu()));
      }
    }
    return made;
  }

  private List<Step> presentVfs() {
    var changes = new ArrayList<Step>();
    if (wanted.spec().numVfs() == 0) {
      return changes;
    }
    pf.vfs().stream()
        .sorted(Comparator.comparingInt(Vf::id))
        .forEach(vf -> {
          List<Step> ofVf =
              wanted.groupOf(vf.id()).map(group -> presentVf(vf, group)).orElse(List.of());
          List<VfInUse> users = inventory.usersOf(vf.pci());
          Optional<Step> taking =
              ofVf.stream().filter(step -> step.disruption() != Disruption.NONE).findFirst();
          if (users.isEmpty()) {
            changes.addAll(ofVf);
          } else {
            taking.ifPresent(step -> blocked.add(new Blocked(step, users)));
          }
        });
    return changes;
  }

  private List<Step> presentVf(Vf vf, Group group) {
    return group.driver() == null ? kernelVf(vf, group) : userspaceVf(vf, group.driver());
  }

  private List<Step> kernelVf(Vf vf, Group group) {
    var changes = new ArrayList<Step>();
    boolean bind = vf.driver() == null || Drivers.isUserspace(vf.driver());
    if (bind) {
      changes.add(new Step.BindDefaultDriver(pci, vf.id(), vf.driver()));
    } else if (vf.driverOverride() != null) {
      changes.add(new Step.ClearDriverOverride(pci, vf.id(), vf.driverOverride()));
    }
    boolean fixMac =
        isZero(vf.adminMac()) && (bind || vf.name() != null) || !bind && enforcesAnother(vf);
    if (fixMac) {
      // A netdev seen a moment ago that is gone went into a pod: no reason to bind the VF again.
      changes.add(new Step.SetVfAdminMac(pci, vf.id(), bind));
    }
    boolean hasMac = fixMac || vf.adminMac() != null && !isZero(vf.adminMac());
    boolean rebind = group.rdma() && hasMac && (isZero(vf.guid()) || bind && fixMac);
    if (rebind) {
      changes.add(new Step.RebindDriver(pci, vf.id()));
    }
    int mtu = bind || rebind ? FRESH_MTU : vf.mtu();
    if (group.mtu() > 0 && mtu > 0 && mtu != group.mtu()) {
      changes.add(new Step.SetVfMtu(pci, vf.id(), mtu, group.mtu()));
    }
    return changes;
  }

  /**
   * Whether the PF enforces another address than the netdev has. udev gives a VF its persistent
   * address a moment after it was made; one that was read before and then enforced lets the card
   * drop everything that the VF sends.
   */
  private static boolean enforcesAnother(Vf vf) {
    return vf.name() != null
        && vf.mac() != null
        && vf.adminMac() != null
        && !isZero(vf.mac())
        && !vf.mac().equals(vf.adminMac());
  }

  private List<Step> userspaceVf(Vf vf, String driver) {
    var changes = new ArrayList<Step>();
    if (driver.equals(vf.driver())) {
      if (vf.driverOverride() != null) {
        changes.add(new Step.ClearDriverOverride(pci, vf.id(), vf.driverOverride()));
      }
      return changes;
    }
    if (isZero(vf.adminMac()) && vf.name() != null) {
      changes.add(new Step.SetVfAdminMac(pci, vf.id(), false));
    }
    changes.add(new Step.BindDriver(pci, vf.id(), vf.driver(), driver));
    return changes;
  }

  /** All digits zero; absent is not zero but unknown. */
  private static boolean isZero(@Nullable String address) {
    return address != null
        && !address.isEmpty()
        && address.chars().allMatch(c -> c == '0' || c == ':');
  }

  /** Absent and empty mean the same in a stored record. */
  private static Interface normal(Interface spec) {
    return new Interface(
        spec.pciAddress(),
        spec.numVfs(),
        spec.mtu(),
        Objects.requireNonNullElse(spec.name(), ""),
        Objects.requireNonNullElse(spec.linkType(), ""),
        Objects.requireNonNullElse(spec.eSwitchMode(), ""),
        spec.externallyManaged(),
        spec.vfGroups().stream().map(ConfigurePlan::normal).toList());
  }

  private static VfGroup normal(VfGroup group) {
    return new VfGroup(
        Objects.requireNonNullElse(group.resourceName(), ""),
        Objects.requireNonNullElse(group.deviceType(), ""),
        Objects.requireNonNullElse(group.vfRange(), ""),
        Objects.requireNonNullElse(group.policyName(), ""),
        group.mtu(),
        group.isRdma(),
        Objects.requireNonNullElse(group.vdpaType(), ""));
  }
}
