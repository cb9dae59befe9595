package io.sriov.plan.node;

import java.util.List;

/**
 * What happens to one PF.
 *
 * @param steps in order; consecutive steps of VFs may run concurrently, one VF beside the other
 * @param blocked what waits for pods
 * @param refusals why nothing happens; then there are no steps
 */
public record PfPlan(
    PciAddress pf, List<Step> steps, List<Blocked> blocked, List<Refusal> refusals) {

  public PfPlan {
    steps = List.copyOf(steps);
    blocked = List.copyOf(blocked);
    refusals = List.copyOf(refusals);
  }

  static PfPlan refused(PciAddress pf, List<Refusal> refusals) {
    return new PfPlan(pf, List.of(), List.of(), refusals);
  }

  /** The same without the refusal that the reboot asked for may make void. */
  PfPlan withoutRefusalForIommu() {
    return new PfPlan(
        pf,
        steps,
        blocked,
        refusals.stream().filter(refusal -> !(refusal instanceof Refusal.IommuOff)).toList());
  }

  boolean isEmpty() {
    return steps.isEmpty() && blocked.isEmpty() && refusals.isEmpty();
  }
}
