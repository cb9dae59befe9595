package io.sriov.plan.audit;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.PfPlan;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.VfInUse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The witnesses' words put together VF by VF, and what the daemon is going to do anyway. */
final class Look {

  private final Witnesses witnesses;
  private final List<SeenVf> vfs;
  private final NodePlan plan;
  private final Set<PciAddress> unsettled;

  Look(Witnesses witnesses) {
    this.witnesses = witnesses;
    List<VfInUse> users = witnesses.kubelet().given().orElse(List.of());
    this.plan = Planner.plan(witnesses.desired(), witnesses.kernel().withInUse(users));
    this.unsettled = plan.pfs().stream().map(PfPlan::pf).collect(Collectors.toSet());
    Map<PciAddress, List<String>> pods =
        users.stream()
            .collect(
                Collectors.groupingBy(
                    VfInUse::vf, Collectors.mapping(VfInUse::pod, Collectors.toList())));
    Map<PciAddress, List<Attached>> attached =
        cni().attached().stream().collect(Collectors.groupingBy(Attached::vf));
    Map<PciAddress, Interface> specs = specs(witnesses.desired().interfaces());
    this.vfs =
        witnesses.kernel().pfs().stream()
            .flatMap(pf -> seen(pf, specs.get(pf.pci()), pods, attached))
            .toList();
  }

  private static Stream<SeenVf> seen(
      Pf pf,
      @Nullable Interface spec,
      Map<PciAddress, List<String>> pods,
      Map<PciAddress, List<Attached>> attached) {
    return pf.vfs().stream()
        .map(vf ->
            new SeenVf(
                pf,
                vf,
                spec,
                pods.getOrDefault(vf.pci(), List.of()),
                attached.getOrDefault(vf.pci(), List.of())));
  }

  private static Map<PciAddress, Interface> specs(List<Interface> wanted) {
    var specs = new HashMap<PciAddress, Interface>();
    for (Interface spec : wanted) {
      var pf = new PciAddress(spec.pciAddress());
      long named = wanted.stream().filter(s -> s.pciAddress().equals(pf.value())).count();
      if (named == 1) {
        specs.put(pf, spec);
      }
    }
    return specs;
  }

  Witnesses witnesses() {
    return witnesses;
  }

  List<SeenVf> vfs() {
    return vfs;
  }

  Optional<SeenVf> vf(PciAddress vf) {
    return vfs.stream().filter(seen -> seen.vf().pci().equals(vf)).findFirst();
  }

  NodePlan plan() {
    return plan;
  }

  /** What the state files say, nothing if that is not known. */
  CniState cni() {
    return witnesses.cni().given().orElse(CniState.EMPTY);
  }

  /** Whether the daemon has, or sees, nothing to do on the PF of this VF. */
  boolean settled(SeenVf seen) {
    return seen.pf().hangs() == null && !unsettled.contains(seen.pf().pci());
  }
}
