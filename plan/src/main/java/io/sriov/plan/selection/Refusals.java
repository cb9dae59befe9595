package io.sriov.plan.selection;

import io.sriov.api.EswitchMode;
import io.sriov.api.SriovNetworkNodePolicySpec;
import io.sriov.plan.selection.Miss.NotBuilt;
import io.sriov.plan.selection.Miss.RangeBeyondNumVfs;
import io.sriov.plan.selection.Miss.RangeMalformed;
import io.sriov.plan.selection.Miss.Refusal;
import java.util.ArrayList;
import java.util.List;

/** What makes a policy unusable on every node. */
public final class Refusals {

  private Refusals() {}

  /** Empty for a policy that can be applied. */
  public static List<Refusal> of(Policy policy) {
    List<Refusal> refusals = new ArrayList<>(notBuilt(policy.spec()));
    if (policy.spec().numVfs() > 0) {
      for (PfName element : policy.pfNames()) {
        refusals.addAll(range(element, policy.spec().numVfs()));
      }
    }
    return List.copyOf(refusals);
  }

  private static List<Refusal> range(PfName element, int numVfs) {
    if (!element.hasRange()) {
      return List.of();
    }
    return VfRange.parse(element.range())
        .<List<Refusal>>map(range ->
            range.last() < numVfs
                ? List.of()
                : List.of(new RangeBeyondNumVfs(element.text(), range.last(), numVfs)))
        .orElse(List.of(new RangeMalformed(element.text())));
  }

  private static List<Refusal> notBuilt(SriovNetworkNodePolicySpec spec) {
    List<Refusal> missing = new ArrayList<>();
    if (spec.eSwitchMode() == EswitchMode.SWITCHDEV) {
      missing.add(new NotBuilt("eSwitchMode", spec.eSwitchMode().value()));
    }
    if (spec.vdpaType() != null) {
      missing.add(new NotBuilt("vdpaType", spec.vdpaType().value()));
    }
    if (spec.linkType() != null && spec.linkType().value().equalsIgnoreCase("ib")) {
      missing.add(new NotBuilt("linkType", spec.linkType().value()));
    }
    if (spec.bridge() != null && spec.bridge().ovs() != null) {
      missing.add(new NotBuilt("bridge", "ovs"));
    }
    String netFilter = spec.nicSelector().netFilter();
    if (netFilter != null && !netFilter.isEmpty()) {
      missing.add(new NotBuilt("nicSelector.netFilter", netFilter));
    }
    return missing;
  }
}
