package io.sriov.plan.node;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a node will do to become what it shall be. A node is in sync exactly when its plan is {@link
 * #isEmpty empty}.
 *
 * @param pfs PFs with something to do or to say, ascending by address; they may proceed
 *     concurrently
 * @param hostSteps changes of the node itself, in order; independent of the PFs' steps and before
 *     any reboot
 * @param rebootReasons why the node has to be rebooted once the host steps are done, each a clause
 *     for people
 * @param nodeRefusals wishes that concern no PF
 * @param atBoot PFs that are not as they shall be and are left to services that run at boot
 */
public record NodePlan(
    List<PfPlan> pfs,
    List<HostStep> hostSteps,
    List<String> rebootReasons,
    List<Refusal> nodeRefusals,
    Set<PciAddress> atBoot) {

  public NodePlan {
    pfs = List.copyOf(pfs);
    hostSteps = List.copyOf(hostSteps);
    rebootReasons = List.copyOf(rebootReasons);
    nodeRefusals = List.copyOf(nodeRefusals);
    atBoot = Set.copyOf(atBoot);
  }

  /** A plan that leaves no PF to the next boot. */
  public NodePlan(
      List<PfPlan> pfs,
      List<HostStep> hostSteps,
      List<String> rebootReasons,
      List<Refusal> nodeRefusals) {
    this(pfs, hostSteps, rebootReasons, nodeRefusals, Set.of());
  }

  /** A plan that does nothing but refuse. */
  public static NodePlan refused(List<Refusal> nodeRefusals) {
    return new NodePlan(List.of(), List.of(), List.of(), nodeRefusals);
  }

  /** Whether nothing is to be done, waited for or refused. */
  public boolean isEmpty() {
    return pfs.isEmpty()
        && hostSteps.isEmpty()
        && rebootReasons.isEmpty()
        && nodeRefusals.isEmpty();
  }

  /** Steps of all PFs. */
  public List<Step> steps() {
    return pfs.stream().flatMap(pf -> pf.steps().stream()).toList();
  }

  /**
   * Whether a step takes a VF that exists from whoever holds it, so that it has to be known which
   * VFs pods hold.
   */
  public boolean concernsExistingVfs(Inventory inventory) {
    return pfs.stream()
        .filter(pf -> inventory.pf(pf.pf()).map(Inventory.Pf::numVfs).orElse(0) > 0)
        .flatMap(pf -> pf.steps().stream())
        .anyMatch(step -> step instanceof Step.OfVf || step.disruption() == Disruption.DRAIN);
  }

  /** What waits for pods, on all PFs. */
  public List<Blocked> blocked() {
    return pfs.stream().flatMap(pf -> pf.blocked().stream()).toList();
  }

  /** What is not carried out, on the node and its PFs. */
  public List<Refusal> refusals() {
    return Stream.concat(nodeRefusals.stream(), pfs.stream().flatMap(pf -> pf.refusals().stream()))
        .toList();
  }

  /** This plan with more wishes refused. */
  public NodePlan refusing(List<Refusal> more) {
    return new NodePlan(
        pfs,
        hostSteps,
        rebootReasons,
        Stream.concat(nodeRefusals.stream(), more.stream()).toList(),
        atBoot);
  }

  /** This plan without a reboot. */
  public NodePlan withoutReboot() {
    return new NodePlan(pfs, hostSteps, List.of(), nodeRefusals, atBoot);
  }

  /** PFs of which VFs are not, or not all, as they shall be. */
  public Set<PciAddress> unsettled() {
    return Stream.concat(
            atBoot.stream(),
            pfs.stream()
                .filter(pf -> !pf.steps().isEmpty() || !pf.blocked().isEmpty())
                .map(PfPlan::pf))
        .collect(Collectors.toUnmodifiableSet());
  }
}
