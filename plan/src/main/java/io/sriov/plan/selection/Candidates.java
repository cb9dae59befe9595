package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodePolicySpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one policy brings to the desired state of a node, before it is merged with others.
 *
 * @param wanted entries of one VF group each, in the order of the node's PFs
 * @param held entries that a refused policy keeps from the present state
 */
record Candidates(List<Interface> wanted, List<Interface> held, List<Miss> misses) {

  static Candidates of(Policy policy, NodeFacts node) {
    Optional<Miss> label = labelMiss(policy, node);
    if (label.isPresent()) {
      return none(List.of(label.get()));
    }
    List<Miss> refusals = List.copyOf(Refusals.of(policy));
    if (!refusals.isEmpty()) {
      return new Candidates(List.of(), held(policy, node, node.interfaces()), refusals);
    }
    if (node.interfaces().isEmpty()) {
      return none(List.of(new Miss.NoInventory()));
    }
    NicMatch match = NicMatch.of(policy.spec().nicSelector(), node.interfaces());
    if (policy.spec().numVfs() == 0) {
      return none(
          Stream.concat(Stream.of(new Miss.NoVfsWanted()), match.misses().stream()).toList());
    }
    return fitting(policy, node, match);
  }

  private static Candidates none(List<Miss> misses) {
    return new Candidates(List.of(), List.of(), misses);
  }

  private static Candidates fitting(Policy policy, NodeFacts node, NicMatch match) {
    List<Miss> misses = new ArrayList<>(match.misses());
    List<Interface> wanted = new ArrayList<>();
    List<InterfaceExt> tooSmall = new ArrayList<>();
    for (InterfaceExt pf : match.pfs()) {
      if (policy.spec().numVfs() > pf.totalvfs()) {
        misses.add(new Miss.TooFewVfs(Pf.label(pf), policy.spec().numVfs(), pf.totalvfs()));
        tooSmall.add(pf);
      } else {
        wanted.add(entry(policy, pf));
        misses.addAll(furtherRanges(policy, pf));
      }
    }
    return new Candidates(wanted, held(policy, node, tooSmall), misses);
  }

  private static Optional<Miss> labelMiss(Policy policy, NodeFacts node) {
    return policy.spec().nodeSelector().entrySet().stream()
        .filter(wanted -> !wanted.getValue().equals(node.labels().get(wanted.getKey())))
        .<Miss>map(wanted ->
            new Miss.NodeSelectorDiffers(
                wanted.getKey(), wanted.getValue(), node.labels().get(wanted.getKey())))
        .findFirst();
  }

  private static Interface entry(Policy policy, InterfaceExt pf) {
    SriovNetworkNodePolicySpec spec = policy.spec();
    VfGroup group =
        new VfGroup(
            spec.resourceName(),
            spec.deviceType() == null ? null : spec.deviceType().value(),
            range(policy, pf).toString(),
            policy.name(),
            spec.mtu(),
            spec.rdma(),
            spec.vdpaType() == null ? null : spec.vdpaType().value());
    return new Interface(
        pf.pciAddress(),
        spec.numVfs(),
        spec.mtu(),
        pf.name(),
        spec.linkType() == null ? null : spec.linkType().value(),
        spec.eSwitchMode() == null ? null : spec.eSwitchMode().value(),
        spec.externallyManaged(),
        List.of(group));
  }

  /**
   * The range of the first element that has the PF's own name, else of the first that has an
   * alternative one (upstream loses the range of an alternative name: spec 01 §7.2 Q1).
   */
  private static VfRange range(Policy policy, InterfaceExt pf) {
    return elementOf(policy, pf)
        .flatMap(element -> VfRange.parse(element.range()))
        .orElse(VfRange.whole(policy.spec().numVfs()));
  }

  private static Optional<PfName> elementOf(Policy policy, InterfaceExt pf) {
    List<PfName> elements = policy.pfNames();
    return Stream.concat(
            elements.stream().filter(element -> element.namesPrimarily(pf)),
            elements.stream().filter(element -> element.names(pf)))
        .findFirst();
  }

  private static List<Miss> furtherRanges(Policy policy, InterfaceExt pf) {
    return policy.pfNames().stream()
        .filter(element -> element.names(pf) && element.hasRange())
        .filter(element -> !VfRange.parse(element.range()).equals(Optional.of(range(policy, pf))))
        .<Miss>map(element -> new Miss.FurtherRange(Pf.label(pf), element.range()))
        .toList();
  }

  private static List<Interface> held(Policy policy, NodeFacts node, List<InterfaceExt> pfs) {
    List<Interface> held = new ArrayList<>();
    for (InterfaceExt pf : pfs) {
      for (Interface present : node.current().interfaces()) {
        if (present.pciAddress().equals(pf.pciAddress())) {
          present.vfGroups().stream()
              .filter(group -> policy.name().equals(group.policyName()))
              .forEach(group -> held.add(alone(present, group)));
        }
      }
    }
    return List.copyOf(held);
  }

  private static Interface alone(Interface present, VfGroup group) {
    return new Interface(
        present.pciAddress(),
        present.numVfs(),
        present.mtu(),
        present.name(),
        present.linkType(),
        present.eSwitchMode(),
        present.externallyManaged(),
        List.of(group));
  }
}
