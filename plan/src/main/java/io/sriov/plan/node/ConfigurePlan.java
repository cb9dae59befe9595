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

  /** Module of each driver whose name differs from its module's. */
  private static final Map<String, String> MODULES = Map.of("vfio-pci", "vfio_pci");

  private final Wanted wanted;
  private final Pf pf;
  private final PciAddress pci;
  private final Inventory inventory;
  private final List<Step> steps = new ArrayList<>();
  private final List<Blocked> blocked = new ArrayList<>();

  ConfigurePlan(Wanted wanted, Inventory inventory) {
    this.wanted = wanted;
    this.pf = wanted.pf();
    this.pci = pf.pci();
    this.inventory = inventory;
  }

  PfPlan plan() {
    boolean managed = !wanted.spec().externallyManaged();
    boolean resize = managed && wanted.spec().numVfs() != pf.numVfs();
    var resizing = new Step.ResizeVfs(pci, pf.numVfs(), wanted.spec().numVfs());
    if (resize) {
      List<VfInUse> users = usersOfAllVfs(pf, inventory);
      if (!users.isEmpty()) {
        return new PfPlan(pci, List.of(), List.of(new Blocked(resizing, users)), List.of());
      }
    }
    // Whatever can fail without leaving a trace comes before what makes or destroys VFs.
    modules();
    record();
    if (managed) {
      udevRules();
      if (wanted.mtu() > pf.mtu()) {
        steps.add(new Step.SetPfMtu(pci, pf.mtu(), wanted.mtu()));
      }
    }
    if ("down".equals(pf.linkAdminState())) {
      steps.add(new Step.SetPfUp(pci));
    }
    List<Step> ofVfs = resize ? freshVfs() : presentVfs();
    boolean probes = ofVfs.stream().anyMatch(ConfigurePlan::needsProbe);
    if (probes && !autoprobe()) {
      steps.add(new Step.EnableAutoprobe(pci));
    }
    if (resize) {
      steps.add(resizing);
    }
    steps.addAll(ofVfs);
    return new PfPlan(pci, steps, blocked, List.of());
  }

  private boolean autoprobe() {
    return pf.sriov() == null || pf.sriov().driversAutoprobe();
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
    UdevRules.switchdevFiles(pci).stream()
        .filter(file -> inventory.udevRule(file).isPresent())
        .forEach(file -> steps.add(new Step.RemoveUdevRule(pci, file)));
    String file = UdevRules.nmDisableFile(pci);
    String own = pf.sriov() == null ? null : pf.sriov().vfDeviceId();
    String content = UdevRules.nmDisable(pci, inventory.vfDeviceIds(), own);
    if (!inventory.udevRule(file).equals(Optional.of(content))) {
      steps.add(new Step.WriteUdevRule(pci, file, content));
    }
  }

  /** Steps for VFs that the kernel will just have made and bound to its own driver. */
  private List<Step> freshVfs() {
    var made = new ArrayList<Step>();
    boolean probed = autoprobe() || wantsKernelDrivers();
    for (int vf = 0; vf < wanted.spec().numVfs(); vf++) {
      Group group = wanted.groupOf(vf).orElse(null);
      if (group == null) {
        continue;
      }
      if (probed) {
        made.add(new Step.SetVfAdminMac(pci, vf, group.driver() == null));
      }
      if (group.driver() != null) {
        made.add(new Step.BindDriver(pci, vf, null, group.driver()));
        continue;
      }
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
    boolean bind = vf.driver() == null || Wanted.USERSPACE_DRIVERS.contains(vf.driver());
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
