package io.sriov.deviceplugin.config;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code pfNames} and {@code rootDevices}: {@code ens1#0-3,7} (spec 05 §2.6). */
public final class FunctionList {

  /** {@code NumVFs} of the PCI SR-IOV capability has 16 bits. */
  private static final int MOST = 0xffff;

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

  /**
   * The functions that {@code entries} list, by parent as it is spelt there; empty for a parent
   * without a list. Of a range at most as many as a PF can have VFs.
   */
  public static Map<String, BitSet> listed(List<String> entries) {
    var listed = new LinkedHashMap<String, BitSet>();
    for (var entry : entries) {
      var parts = entry.split("#", -1);
      var functions = new BitSet();
      if (parts.length == 2) {
        for (var range : ranges(parts[1])) {
          if (range.from() <= Math.min(range.to(), MOST)) {
            functions.set(range.from(), Math.min(range.to(), MOST) + 1);
          }
        }
      }
      if (listed.keySet().stream().noneMatch(parts[0]::equalsIgnoreCase)) {
        listed.put(parts[0], functions);
      }
    }
    return listed;
  }

  private static boolean contains(String items, int function) {
    return ranges(items).stream()
        .anyMatch(range -> range.from() <= function && function <= range.to());
  }

  private record Range(int from, int to) {}

  /** Upstream stops at the first item it cannot read: what stood before it still counts. */
  private static List<Range> ranges(String items) {
    var ranges = new ArrayList<Range>();
    for (var item : items.split(",", -1)) {
      var ends = item.split("-", -1);
      int from = number(ends[0]);
      int to = number(ends[ends.length - 1]);
      if (ends.length > 2 || from < 0 || to < 0) {
        return ranges;
      }
      ranges.add(new Range(from, to));
    }
    return ranges;
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
