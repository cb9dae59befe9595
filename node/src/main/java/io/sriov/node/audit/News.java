package io.sriov.node.audit;

import io.sriov.plan.audit.Finding;
import java.util.List;

/**
 * What changed from one report to the next.
 *
 * @param appeared findings that were not told before
 * @param gone findings that hold no more
 */
record News(List<Finding> appeared, List<Finding> gone) {

  static News between(List<Finding> before, List<Finding> now) {
    return new News(
        now.stream().filter(finding -> !before.contains(finding)).toList(),
        before.stream().filter(finding -> !now.contains(finding)).toList());
  }
}
