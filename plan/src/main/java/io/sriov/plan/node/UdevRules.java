package io.sriov.plan.node;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Names and contents of the rule files of a PF (spec 03 §4.12). */
public final class UdevRules {

  /** Host folder of the rules. */
  public static final String FOLDER = "/etc/udev/rules.d";

  private static final String NM_DISABLE = "10-nm-disable-";
  private static final List<String> SWITCHDEV = List.of("10-pf-name-", "20-switchdev-");

  private UdevRules() {}

  /** Whether a file of {@link #FOLDER} is one of ours. */
  public static boolean isOurs(String file) {
    return file.endsWith(".rules")
        && (file.startsWith(NM_DISABLE) || SWITCHDEV.stream().anyMatch(file::startsWith));
  }

  /** Rule that keeps NetworkManager's hands off the PF's VFs. */
  static String nmDisableFile(PciAddress pf) {
    return NM_DISABLE + pf + ".rules";
  }

  /** Rules that only a PF in switchdev mode has. */
  static List<String> switchdevFiles(PciAddress pf) {
    return SWITCHDEV.stream().map(prefix -> prefix + pf + ".rules").toList();
  }

  /**
   * Content of {@link #nmDisableFile}: one line without newline.
   *
   * @param vfDeviceIds device ids of supported VFs in hex
   * @param own device id of this PF's VFs, which need not be among the supported ones
   */
  static String nmDisable(PciAddress pf, Collection<String> vfDeviceIds, @Nullable String own) {
    var ids = new TreeMap<Integer, String>();
    vfDeviceIds.forEach(id -> ids.put(Integer.parseInt(id, 16), "0x" + id));
    if (own != null) {
      ids.putIfAbsent(Integer.parseInt(own, 16), "0x" + own);
    }
    return "SUBSYSTEM==\"net\", ACTION==\"add|change|move\", ATTRS{device}==\""
        + ids.values().stream().collect(Collectors.joining("|"))
        + "\", IMPORT{program}=\"/etc/udev/disable-nm-sriov.sh $env{INTERFACE} "
        + pf
        + "\"";
  }
}
