package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.node.Inventory.InitialPf;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.StoredPf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Steps for a PF that the desired state does not name (spec 03 §4.7). The record goes last, so that
 * an interrupted reset is taken up again.
 */
final class ResetPlan {

  private static final int DEFAULT_MTU = 1500;
  private static final int IB_MTU = 2048;

  private ResetPlan() {}

  static PfPlan of(Pf pf, Inventory inventory) {
    PciAddress pci = pf.pci();
    StoredPf stored = inventory.record(pci).orElse(null);
    if (stored == null) {
      return new PfPlan(pci, List.of(), List.of(), List.of());
    }
    Interface spec = stored.spec();
    if (spec == null) {
      String error = stored.error() == null ? "empty" : stored.error();
      return PfPlan.refused(pci, List.of(new Refusal.RecordUnreadable(pci, error)));
    }
    if (spec.externallyManaged()) {
      return new PfPlan(pci, List.of(new Step.RemovePfRecord(pci)), List.of(), List.of());
    }
    var device = deviceSteps(pf, inventory);
    List<VfInUse> users = ConfigurePlan.usersOfAllVfs(pf, inventory);
    var taking = device.stream().filter(step -> step.disruption() == Disruption.DRAIN).findFirst();
    if (taking.isPresent() && !users.isEmpty()) {
      return new PfPlan(pci, List.of(), List.of(new Blocked(taking.get(), users)), List.of());
    }
    Stream<Step> rules =
        Stream.concat(
                Stream.of(UdevRules.nmDisableFile(pci)), UdevRules.switchdevFiles(pci).stream())
            .filter(file -> inventory.udevRule(file).isPresent())
            .map(file -> new Step.RemoveUdevRule(pci, file));
    List<Step> steps =
        Stream.of(device.stream(), rules, Stream.<Step>of(new Step.RemovePfRecord(pci)))
            .flatMap(part -> part)
            .toList();
    return new PfPlan(pci, steps, List.of(), List.of());
  }

  private static List<Step> deviceSteps(Pf pf, Inventory inventory) {
    return switch (pf.linkType()) {
      case "ETH" -> ethernet(pf, inventory);
      case "IB" -> infiniband(pf);
      case null, default -> List.of();
    };
  }

  private static List<Step> ethernet(Pf pf, Inventory inventory) {
    Optional<InitialPf> initial =
        inventory.initial().stream().filter(found -> found.pci().equals(pf.pci())).findFirst();
    var steps = new ArrayList<Step>();
    if (pf.numVfs() > 0) {
      // The MTU first: once the VFs are gone nothing tells an interrupted reset from a PF
      // whose MTU is not ours to change.
      int mtu = initial.map(InitialPf::mtu).orElse(DEFAULT_MTU);
      if (mtu > 0 && mtu != pf.mtu()) {
        steps.add(new Step.SetPfMtu(pf.pci(), pf.mtu(), mtu));
      }
    }
    boolean canSwitch = pf.sriov() != null && pf.sriov().eswitch() != null;
    String mode =
        canSwitch
            ? initial
                .map(InitialPf::eswitchMode)
                .filter(EswitchPlan.SWITCHDEV::equals)
                .orElse(EswitchPlan.LEGACY)
            : pf.eswitchMode();
    steps.addAll(new EswitchPlan(pf, mode, 0).steps(List.of(), false));
    return steps;
  }

  private static List<Step> infiniband(Pf pf) {
    var steps = new ArrayList<Step>();
    if (pf.numVfs() > 0) {
      steps.add(new Step.ResizeVfs(pf.pci(), pf.numVfs(), 0));
    }
    if (pf.mtu() != IB_MTU) {
      steps.add(new Step.SetPfMtu(pf.pci(), pf.mtu(), IB_MTU));
    }
    return steps;
  }
}
