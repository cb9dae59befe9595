package io.sriov.plan.node;

import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.node.Inventory.Pf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Decides what a node does to become what its NodeState asks for. */
public final class Planner {

  private Planner() {}

  /**
   * The plan, a pure function of its arguments. PFs of the node that {@code desired} does not name
   * stay as they are, unless a stored record says that the operator configured them: then they
   * return to zero VFs (spec 03 §4.7).
   */
  public static NodePlan plan(SriovNetworkNodeStateSpec desired, Inventory inventory) {
    return plan(desired, inventory, Phase.FULL);
  }

  /** As {@link #plan(SriovNetworkNodeStateSpec, Inventory)}, up to a phase of the boot. */
  public static NodePlan plan(SriovNetworkNodeStateSpec desired, Inventory inventory, Phase phase) {
    Map<PciAddress, List<Interface>> named = new TreeMap<>();
    for (Interface spec : desired.interfaces()) {
      named.computeIfAbsent(new PciAddress(spec.pciAddress()), pci -> new ArrayList<>()).add(spec);
    }
    var addresses = new TreeSet<>(named.keySet());
    inventory.pfs().forEach(pf -> addresses.add(pf.pci()));

    HostPlan host = HostPlan.of(desired, inventory);
    List<PfPlan> plans =
        addresses.stream()
            .map(pci -> planOf(pci, named.getOrDefault(pci, List.of()), inventory, phase))
            .map(plan -> host.iommuAfterReboot() ? plan.withoutRefusalForIommu() : plan)
            .filter(plan -> !plan.isEmpty())
            .toList();
    var refusals = new ArrayList<>(nodeRefusals(desired, inventory));
    refusals.addAll(host.refusals());
    return new NodePlan(plans, host.steps(), host.rebootReasons(), refusals);
  }

  private static PfPlan planOf(
      PciAddress pci, List<Interface> specs, Inventory inventory, Phase phase) {
    var pf = inventory.pf(pci);
    String hangs = pf.map(Pf::hangs).orElse(null);
    if (hangs != null && (!specs.isEmpty() || inventory.record(pci).isPresent())) {
      return PfPlan.refused(pci, List.of(new Refusal.DriverHangs(pci, hangs)));
    }
    if (specs.isEmpty()) {
      return ResetPlan.of(pf.orElseThrow(), inventory);
    }
    if (specs.size() > 1) {
      return PfPlan.refused(pci, List.of(new Refusal.NamedTwice(pci)));
    }
    if (pf.isEmpty()) {
      return PfPlan.refused(pci, List.of(new Refusal.PfAbsent(pci)));
    }
    return configured(specs.getFirst(), pf.get(), inventory, phase);
  }

  private static PfPlan configured(Interface spec, Pf pf, Inventory inventory, Phase phase) {
    Wanted.Checked checked = Wanted.check(spec, pf, inventory);
    return checked.wanted() == null
        ? PfPlan.refused(pf.pci(), checked.refusals())
        : new ConfigurePlan(checked.wanted(), inventory, phase).plan();
  }

  private static List<Refusal> nodeRefusals(
      SriovNetworkNodeStateSpec desired, Inventory inventory) {
    var refusals = new ArrayList<Refusal>();
    if (desired.bridges() != null && !desired.bridges().ovs().isEmpty()) {
      desired
          .bridges()
          .ovs()
          .forEach(ovs -> refusals.add(new Refusal.NotSupported(null, "bridge", ovs.name())));
    }
    RdmaMode rdmaMode = desired.system() == null ? null : desired.system().rdmaMode();
    if (inventory.boot().id().isEmpty()
        && rdmaMode != null
        && !rdmaMode.value().equals(inventory.rdmaMode())) {
      refusals.add(new Refusal.NotSupported(null, "changing rdmaMode to", rdmaMode.value()));
    }
    return refusals;
  }
}
