package io.sriov.plan.node;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A step that waits, because it would take VFs from running pods.
 *
 * @param by never empty, sorted
 */
public record Blocked(Step step, List<VfInUse> by) {

  public Blocked {
    by = List.copyOf(by);
  }

  /** Which pods hold which VFs, with the PF in front. */
  public String message() {
    return step.pf()
        + ": "
        + step.reason()
        + ", but VFs are in use by pods: "
        + by.stream()
            .map(use -> use.pod() + " (" + use.vf() + ")")
            .distinct()
            .collect(Collectors.joining(", "));
  }
}
