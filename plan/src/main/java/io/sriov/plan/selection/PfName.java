package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;

/**
 * An element of {@code nicSelector.pfNames}: {@code <name>} or {@code <name>#<first>-<last>} (spec
 * 01 §4.5).
 *
 * @param text as written in the policy
 * @param name netdev name or alternative name
 * @param range what follows {@code #}; empty for all VFs
 */
public record PfName(String text, String name, String range) {

  /** Splits without judging the range; a second {@code #} and what follows is not looked at. */
  public static PfName parse(String text) {
    String[] parts = text.split("#", -1);
    return new PfName(text, parts[0], parts.length > 1 ? parts[1] : "");
  }

  /** Whether the PF is called so, by its name or an alternative one. */
  public boolean names(InterfaceExt pf) {
    return namesPrimarily(pf) || pf.altNames().contains(name);
  }

  boolean namesPrimarily(InterfaceExt pf) {
    return name.equals(pf.name());
  }

  boolean hasRange() {
    return !range.isEmpty();
  }
}
