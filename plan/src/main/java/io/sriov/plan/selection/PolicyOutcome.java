package io.sriov.plan.selection;

import io.sriov.plan.selection.Miss.Refusal;
import java.util.List;

/**
 * What one policy comes to on one node.
 *
 * @param pfs PFs of which the policy gets VFs
 * @param held VFs that a refused policy keeps from before it was changed
 * @param misses why not more
 */
public record PolicyOutcome(String policy, List<Share> pfs, List<Share> held, List<Miss> misses) {

  /**
   * VFs of a PF that belong to a policy.
   *
   * @param pf netdev name, or the PCI address where the netdev has none
   * @param resourceName pool they are in
   */
  public record Share(String pf, String pciAddress, VfRange vfs, String resourceName) {}

  /** Whether the node carries the labels the policy asks for. */
  public boolean selectsNode() {
    return misses.stream().noneMatch(Miss.NodeSelectorDiffers.class::isInstance);
  }

  /** Whether the policy is refused here, for all PFs or some. */
  public boolean refused() {
    return misses.stream().anyMatch(Refusal.class::isInstance);
  }

  /** Whether the policy itself is refused, so that it selects on no node anything new. */
  public boolean refusedAsAWhole() {
    return misses.stream().anyMatch(m -> m instanceof Refusal && !(m instanceof Miss.TooFewVfs));
  }
}
