package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.plan.node.Inventory.Pf;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Desired configuration of a PF, checked against the PF, in terms of the kernel. */
record Wanted(Pf pf, Interface spec, List<Group> groups) {

  private static final String NETDEVICE = "netdevice";

  /**
   * A partition of the VFs.
   *
   * @param driver absent for the kernel's own driver
   * @param mtu bytes, 0 leaves the MTU alone
   */
  record Group(VfRange range, @Nullable String driver, int mtu, boolean rdma) {}

  /** Either the configuration or what is wrong with it. */
  record Checked(@Nullable Wanted wanted, List<Refusal> refusals) {}

  /** The first group that contains the VF; overlapping groups are allowed. */
  Optional<Group> groupOf(int vf) {
    return groups.stream().filter(group -> group.range().contains(vf)).findFirst();
  }

  /** {@code legacy} or {@code switchdev}. */
  String eswitchMode() {
    return eswitchMode(spec);
  }

  private static String eswitchMode(Interface spec) {
    String mode = orEmpty(spec.eSwitchMode());
    return mode.isEmpty() ? EswitchPlan.LEGACY : mode;
  }

  /** PF MTU in bytes to reach at least: no VF can have more than its PF. */
  int mtu() {
    return Math.max(spec.mtu(), groups.stream().mapToInt(Group::mtu).max().orElse(0));
  }

  static Checked check(Interface spec, Pf pf, Inventory inventory) {
    var refusals = new ArrayList<Refusal>();
    var groups = new ArrayList<Group>();
    if (spec.numVfs() > 0) {
      for (VfGroup group : spec.vfGroups()) {
        groupOf(pf, spec, group, inventory, refusals).ifPresent(groups::add);
      }
    }
    var wanted = new Wanted(pf, spec, List.copyOf(groups));
    refuseMode(spec, pf, refusals);
    refuseUnsupported(spec, pf, refusals);
    if (spec.externallyManaged()) {
      refuseExternal(wanted, refusals);
    } else {
      refuseCount(spec, pf, refusals);
      if (pf.maxMtu() > 0 && wanted.mtu() > pf.maxMtu()) {
        refusals.add(new Refusal.MtuTooLarge(pf.pci(), wanted.mtu(), pf.maxMtu()));
      }
    }
    return refusals.isEmpty()
        ? new Checked(wanted, List.of())
        : new Checked(null, List.copyOf(refusals));
  }

  private static Optional<Group> groupOf(
      Pf pf, Interface spec, VfGroup group, Inventory inventory, List<Refusal> refusals) {
    int before = refusals.size();
    String policy = orEmpty(group.policyName());
    String text = orEmpty(group.vfRange());
    Optional<VfRange> range = VfRange.parse(text);
    if (range.isEmpty()) {
      refusals.add(new Refusal.RangeUnreadable(pf.pci(), policy, text));
    } else if (range.get().last() >= spec.numVfs()) {
      refusals.add(new Refusal.RangeBeyondVfs(pf.pci(), policy, text, spec.numVfs()));
    }
    String type = orEmpty(group.deviceType());
    String driver = type.isEmpty() || type.equals(NETDEVICE) ? null : type;
    if (driver != null && !Drivers.isUserspace(driver)) {
      refusals.add(new Refusal.DeviceTypeUnknown(pf.pci(), policy, type));
    } else if (driver != null
        && driver.equals("vfio-pci")
        && !pf.iommuGroup()
        && !inventory.noIommu()) {
      refusals.add(new Refusal.IommuOff(pf.pci(), driver));
    }
    String vdpaType = orEmpty(group.vdpaType());
    if (!vdpaType.isEmpty()) {
      refusals.add(new Refusal.NotSupported(pf.pci(), "vdpaType", vdpaType));
    }
    return refusals.size() > before
        ? Optional.empty()
        : range.map(vfs -> new Group(vfs, driver, group.mtu(), group.isRdma()));
  }

  private static void refuseMode(Interface spec, Pf pf, List<Refusal> refusals) {
    String mode = eswitchMode(spec);
    if (!mode.equals(EswitchPlan.LEGACY) && !mode.equals(EswitchPlan.SWITCHDEV)) {
      refusals.add(new Refusal.EswitchModeUnknown(pf.pci(), mode));
    } else if (!mode.equals(pf.eswitchMode())) {
      if (spec.externallyManaged()) {
        refusals.add(new Refusal.ExternalModeDiffers(pf.pci(), mode, pf.eswitchMode()));
      } else if (pf.sriov() == null || pf.sriov().eswitch() == null) {
        refusals.add(new Refusal.EswitchAbsent(pf.pci(), mode, pf.driver()));
      }
    }
  }

  private static void refuseUnsupported(Interface spec, Pf pf, List<Refusal> refusals) {
    String linkType = orEmpty(spec.linkType()).toUpperCase(Locale.ROOT);
    if (linkType.equals("IB") || "IB".equals(pf.linkType())) {
      refusals.add(new Refusal.NotSupported(pf.pci(), "linkType", "IB"));
    } else if (!linkType.isEmpty() && pf.linkType() != null && !linkType.equals(pf.linkType())) {
      refusals.add(
          new Refusal.NotSupported(
              pf.pci(), "linkType " + linkType + " on a PF whose link type is", pf.linkType()));
    }
  }

  private static void refuseCount(Interface spec, Pf pf, List<Refusal> refusals) {
    if (pf.sriov() == null) {
      if (spec.numVfs() != 0) {
        refusals.add(new Refusal.NoSriov(pf.pci(), spec.numVfs()));
      }
    } else if (spec.numVfs() < 0 || spec.numVfs() > pf.sriov().totalVfs()) {
      refusals.add(new Refusal.VfCountInvalid(pf.pci(), spec.numVfs(), pf.sriov().totalVfs()));
    }
  }

  private static void refuseExternal(Wanted wanted, List<Refusal> refusals) {
    Pf pf = wanted.pf();
    if (wanted.spec().numVfs() > pf.numVfs()) {
      refusals.add(new Refusal.ExternalVfsMissing(pf.pci(), wanted.spec().numVfs(), pf.numVfs()));
    }
    if (wanted.mtu() > pf.mtu()) {
      refusals.add(new Refusal.ExternalMtuTooSmall(pf.pci(), wanted.mtu(), pf.mtu()));
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
