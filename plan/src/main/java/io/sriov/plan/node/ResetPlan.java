package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.node.Inventory.InitialPf;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.StoredPf;
import java.util.ArrayList;
import java.util.List;
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
    if (pf.sriov() != null && !pf.sriov().eswitchMode().equals("legacy")) {
      return PfPlan.refused(
          pci,
          List.of(
              new Refusal.NotSupported(
                  pci, "returning to eSwitchMode legacy from", pf.sriov().eswitchMode())));
    }

    var device = deviceSteps(pf, inventory);
    List<VfInUse> users = ConfigurePlan.usersOfAllVfs(pf, inventory);
    var resize = device.stream().filter(Step.ResizeVfs.class::isInstance).findFirst();
    if (resize.isPresent() && !users.isEmpty()) {
      return new PfPlan(pci, List.of(), List.of(new Blocked(resize.get(), users)), List.of());
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
    var steps = new ArrayList<Step>();
    PciAddress pci = pf.pci();
    var zero = new Step.ResizeVfs(pci, pf.numVfs(), 0);
    if ("ETH".equals(pf.linkType()) && pf.numVfs() > 0) {
      // The MTU first: once the VFs are gone nothing tells an interrupted reset from a PF
      // whose MTU is not ours to change.
      int mtu =
          inventory.initial().stream()
              .filter(initial -> initial.pci().equals(pci))
              .mapToInt(InitialPf::mtu)
              .findFirst()
              .orElse(DEFAULT_MTU);
      if (mtu > 0 && mtu != pf.mtu()) {
        steps.add(new Step.SetPfMtu(pci, pf.mtu(), mtu));
      }
      steps.add(zero);
    }
    if ("IB".equals(pf.linkType())) {
      if (pf.numVfs() > 0) {
        steps.add(zero);
      }
      if (pf.mtu() != IB_MTU) {
        steps.add(new Step.SetPfMtu(pci, pf.mtu(), IB_MTU));
      }
    }
    return steps;
  }
}
