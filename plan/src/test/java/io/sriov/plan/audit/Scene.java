package io.sriov.plan.audit;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.SimulatedApply;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.plan.node.SimulatedHost.SimPf;
import io.sriov.plan.node.SimulatedHost.SimVf;
import io.sriov.plan.node.VfInUse;
import io.sriov.plan.node.VfSetting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** A node whose VFs are as a policy wants them, before somebody makes dirt. */
final class Scene {

  final SimulatedHost host;
  final SimPf pf;
  final List<VfInUse> pods = new ArrayList<>();
  final List<Attached> attached = new ArrayList<>();
  final List<CniState.Unreadable> unreadable = new ArrayList<>();
  final Map<PciAddress, String> names = new HashMap<>();
  private final List<Interface> wanted = new ArrayList<>();
  private boolean kubeletSilent;
  private boolean cniSilent;

  /** A card with four VFs: 0 to 2 are offered to pods, 3 is the host's own. */
  Scene(RandomGenerator random) {
    host = new SimulatedHost(random);
    pf = host.addPf("0000:04:00.0");
    pf.name = "ens1";
    want(new Interface(pf.pci.value(), 4, 0, "ens1", null, null, false, List.of(group("0-2", ""))));
  }

  static VfGroup group(String range, String driver) {
    return new VfGroup("pool", driver, range, "policy", 0, false, null);
  }

  /** Wants this of a PF, and makes it so. */
  void want(Interface spec) {
    wanted.removeIf(other -> other.pciAddress().equals(spec.pciAddress()));
    wanted.add(spec);
    settle();
  }

  /** Nothing is wanted of the PF. */
  void wantNothing() {
    wanted.clear();
  }

  /** Does what the daemon's loop would do. */
  void settle() {
    host.loadModule("vfio_pci");
    for (int round = 0; round < 3; round++) {
      SimulatedApply.apply(host, Planner.plan(spec(), inventory()).steps());
    }
  }

  SriovNetworkNodeStateSpec spec() {
    return new SriovNetworkNodeStateSpec(wanted, null, null);
  }

  SimVf vf(int id) {
    return pf.vfs.get(id);
  }

  VfAt at(int id) {
    return new VfAt(pf.pci, pf.name, vf(id).pci, id);
  }

  Inventory inventory() {
    return host.inventory().withInUse(pods);
  }

  void kubeletSilent() {
    kubeletSilent = true;
  }

  void cniSilent() {
    cniSilent = true;
  }

  void pod(String name, int vf) {
    pods.add(new VfInUse(vf(vf).pci, "default/" + name, "main"));
  }

  /** The VF's netdev goes into a pod's namespace. */
  void moveAway(int vf) {
    vf(vf).mac = null;
    vf(vf).mtu = 0;
  }

  Attached attach(int vf, NetnsPath netns) {
    var attachment =
        new Attached(
            "/var/lib/cni/sriov/c" + vf + "-net1",
            vf(vf).pci,
            true,
            "c" + vf,
            "ens1v" + vf,
            false,
            true,
            netns);
    attached.add(attachment);
    return attachment;
  }

  Witnesses witnesses() {
    return new Witnesses(
        host.inventory(),
        kubeletSilent ? new Answer.Silence<>("away") : new Answer.Given<>(List.copyOf(pods)),
        cniSilent
            ? new Answer.Silence<>("away")
            : new Answer.Given<>(new CniState(attached, unreadable)),
        spec(),
        names);
  }

  Audit audit() {
    return Audit.of(witnesses());
  }

  List<Finding> findings() {
    return audit().findings();
  }

  List<Mend> mends() {
    Audit audit = audit();
    return audit.findings().stream().flatMap(found -> audit.mends(found).stream()).toList();
  }

  /** Carries a mend out, as the daemon and the CNI plugin do. */
  void carryOut(Mend mend) {
    SimPf on = Objects.requireNonNull(host.pf(mend.at().pf().value()));
    int id = mend.at().id();
    switch (mend) {
      case Mend.ResetSettings(_, List<VfSetting> to) ->
          to.forEach(setting -> host.setVf(on.pci, id, setting));
      case Mend.NewMac(_, String mac, boolean onPf, boolean onNetdev) -> {
        if (onPf) {
          host.setAdminMac(on.pci, id, mac);
        }
        if (onNetdev) {
          host.setVfMac(on.pci, id, mac);
        }
      }
      case Mend.Rename(_, _, String to) -> host.renameVf(on.pci, id, to);
      case Mend.EndAttachment(_, String file) -> {
        attached.stream()
            .filter(one -> one.file().equals(file))
            .forEach(one -> host.renameVf(on.pci, id, one.hostName()));
        attached.removeIf(one -> one.file().equals(file));
      }
    }
  }
}
