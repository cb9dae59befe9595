package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Two entries for one PF become one (spec 01 §4.4.1).
 *
 * @param entry the result
 * @param dropped groups of the old entry that gave way
 */
record Merge(Interface entry, List<VfGroup> dropped) {

  /**
   * @param candidate entry of the later, stronger policy, with one group
   * @param equalPriority whether the policy applied before had the same priority
   */
  static Merge of(Interface old, Interface candidate, boolean equalPriority) {
    VfGroup group = candidate.vfGroups().getFirst();
    List<VfGroup> groups = new ArrayList<>(List.of(group));
    List<VfGroup> dropped = new ArrayList<>();
    for (VfGroup earlier : old.vfGroups()) {
      boolean gives = samePool(earlier, group) || overlap(earlier, group);
      (gives ? dropped : groups).add(earlier);
    }
    boolean maxima = groups.size() > 1 || equalPriority;
    Interface merged =
        new Interface(
            candidate.pciAddress(),
            maxima ? Math.max(old.numVfs(), candidate.numVfs()) : candidate.numVfs(),
            maxima ? Math.max(old.mtu(), candidate.mtu()) : candidate.mtu(),
            candidate.name(),
            candidate.linkType(),
            candidate.eSwitchMode(),
            candidate.externallyManaged(),
            groups);
    return new Merge(merged, List.copyOf(dropped));
  }

  private static boolean samePool(VfGroup a, VfGroup b) {
    return Objects.equals(a.resourceName(), b.resourceName());
  }

  private static boolean overlap(VfGroup a, VfGroup b) {
    return range(a).flatMap(first -> range(b).map(first::overlaps)).orElse(false);
  }

  private static Optional<VfRange> range(VfGroup group) {
    return Optional.ofNullable(group.vfRange()).flatMap(VfRange::parse);
  }
}
