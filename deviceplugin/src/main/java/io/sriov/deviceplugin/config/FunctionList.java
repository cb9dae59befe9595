package io.sriov.deviceplugin.config;

import java.util.List;

/** {@code pfNames} and {@code rootDevices}: {@code ens1#0-3,7} (spec 05 §2.6). */
public final class FunctionList {

  private FunctionList() {}

  /**
   * Whether {@code entries} select function {@code function} of {@code parent}. Only the first
   * entry for that parent counts, in any case of letters.
   *
   * @param parent PF netdev name or PCI address; empty is never selected
   * @param function VF index or SF number, -1 for a function that is neither
   */
  public static boolean selects(List<String> entries, String parent, int function) {
    if (parent.isEmpty()) {
      return false;
    }
    for (var entry : entries) {
      var parts = entry.split("#", -1);
      if (parts[0].equalsIgnoreCase(parent)) {
        return parts.length == 1 || (parts.length == 2 && contains(parts[1], function));
      }
    }
    return false;
  }

  private static boolean contains(String items, int function) {
    for (var item : items.split(",", -1)) {
      var ends = item.split("-", -1);
      int from = number(ends[0]);
      int to = number(ends[ends.length - 1]);
      if (ends.length > 2 || from < 0 || to < 0) {
        // Upstream stops at the first item it cannot read: what stood before it still counts.
        return false;
      }
      if (from <= function && function <= to) {
        return true;
      }
    }
    return false;
  }

  /** -1 for what is not a number; a leading + is one, as for Go's Atoi. */
  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
