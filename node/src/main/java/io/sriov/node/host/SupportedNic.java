package io.sriov.node.host;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** A card model of ConfigMap {@code supported-nic-ids}; ids are lower-case hex without 0x. */
public record SupportedNic(String vendor, String pfDevice, String vfDevice) {

  /**
   * Reads the ConfigMap's values, each {@code <vendor> <pf> <vf>} (spec 03 §2.8).
   *
   * @throws IllegalArgumentException naming the key whose value is none
   */
  public static List<SupportedNic> parse(java.util.Map<String, String> data) {
    return new TreeMap<>(data)
        .entrySet().stream().map(e -> parse(e.getKey(), e.getValue())).distinct().toList();
  }

  private static SupportedNic parse(String key, String value) {
    String[] ids = value.strip().toLowerCase(Locale.ROOT).split("\\s+");
    if (ids.length != 3 || !List.of(ids).stream().allMatch(id -> id.matches("[0-9a-f]{4}"))) {
      throw new IllegalArgumentException(
          "key " + key + ": \"" + value + "\" is not of the form <vendor> <pf> <vf> in hex");
    }
    return new SupportedNic(ids[0], ids[1], ids[2]);
  }

  static boolean isPf(Collection<SupportedNic> supported, String vendor, String device) {
    return supported.stream()
        .anyMatch(nic -> nic.vendor().equals(vendor) && nic.pfDevice().equals(device));
  }
}
