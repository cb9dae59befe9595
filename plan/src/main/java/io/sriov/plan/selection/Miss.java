package io.sriov.plan.selection;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a policy does not select a node, a PF, or the VFs it asks for. */
public sealed interface Miss {

  /**
   * A mistake in the policy, or something this version does not do: the policy changes nothing
   * until it is corrected, and what it had configured before stays.
   */
  sealed interface Refusal extends Miss {}

  /** The node does not carry a label of the policy's node selector. */
  record NodeSelectorDiffers(String label, String wanted, @Nullable String found) implements Miss {}

  /** The node's config daemon has not reported its PFs yet. */
  record NoInventory() implements Miss {}

  /** No criterion is given; that selects nothing, not everything. */
  record NicSelectorEmpty() implements Miss {}

  /** The policy asks for no VFs. */
  record NoVfsWanted() implements Miss {}

  /** No PF of the node has this name; {@code nearest} are at most three that look alike. */
  record PfNameUnknown(String wanted, List<String> nearest) implements Miss {}

  /** No PF of the node has this PCI address. */
  record RootDeviceUnknown(String wanted, List<String> present) implements Miss {}

  /** The PF has one of the names asked for but none of the PCI addresses. */
  record RootDeviceDiffers(String pf, String found) implements Miss {}

  /** The PF has one of the PCI addresses asked for but none of the names. */
  record PfNameDiffers(String pf, String pciAddress) implements Miss {}

  /** PCI vendor ids, lower-case hexadecimal. */
  record VendorDiffers(String pf, String wanted, String found) implements Miss {}

  /** PCI device ids of the PF, lower-case hexadecimal. */
  record DeviceDiffers(String pf, String wanted, String found) implements Miss {}

  /** A stronger policy, or one of equal priority and later name, took these VFs of the PF. */
  record ShadowedBy(String pf, String winner, int priority) implements Miss {}

  /** Only the first range given for a PF is configured. */
  record FurtherRange(String pf, String ignored) implements Miss {}

  /** The hardware cannot have as many VFs. */
  record TooFewVfs(String pf, int wanted, int total) implements Refusal {}

  /** What follows {@code #} is not {@code <first>-<last>}. */
  record RangeMalformed(String pfName) implements Refusal {}

  /** The range ends at or after {@code numVfs}. */
  record RangeBeyondNumVfs(String pfName, int last, int numVfs) implements Refusal {}

  /** A member of the policy that this version does not implement. */
  record NotBuilt(String field, String value) implements Refusal {}
}
