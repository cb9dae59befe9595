package io.sriov.plan.node;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Names and contents of the rule files of a PF (spec 03 §4.12). */
public final class UdevRules {

  /** Host folder of the rules. */
  public static final String FOLDER = "/etc/udev/rules.d";

  private static final String NM_DISABLE = "10-nm-disable-";
  private static final String PF_NAME = "10-pf-name-";
  private static final String REPRESENTORS = "20-switchdev-";

  private UdevRules() {}

  /** Whether a file of {@link #FOLDER} is one of ours. */
  public static boolean isOurs(String file) {
    return file.endsWith(".rules")
        && Stream.of(NM_DISABLE, PF_NAME, REPRESENTORS).anyMatch(file::startsWith);
  }

  /** Rule that keeps NetworkManager's hands off the PF's VFs. */
  static String nmDisableFile(PciAddress pf) {
    return NM_DISABLE + pf + ".rules";
  }

  /** Rule that keeps the PF's name when representors appear beside it. */
  static String pfNameFile(PciAddress pf) {
    return PF_NAME + pf + ".rules";
  }

  /** Rule that names the representors of the PF's VFs. */
  public static String representorsFile(PciAddress pf) {
    return REPRESENTORS + pf + ".rules";
  }

  /** Rules that only a PF in switchdev mode has. */
  static List<String> switchdevFiles(PciAddress pf) {
    return List.of(pfNameFile(pf), representorsFile(pf));
  }

  /** Content of {@link #pfNameFile}: one line without newline. */
  static String pfName(PciAddress pf, String name) {
    return "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", KERNELS==\""
        + pf
        + "\", NAME=\""
        + name
        + "\"";
  }

  /**
   * Content of {@link #representorsFile}: one line without newline. The script it calls prints the
   * VF's number.
   *
   * @param name of the PF
   * @param portName of the uplink, e.g. {@code p0}
   * @param switchId hex digits
   */
  public static String representors(String name, String portName, String switchId) {
    String port = portName.startsWith("p") ? portName.substring(1) : portName;
    return "SUBSYSTEM==\"net\", ACTION==\"add|move\", ATTRS{phys_switch_id}==\""
        + switchId
        + "\", ATTR{phys_port_name}==\"pf"
        + port
        + "vf*\", IMPORT{program}=\"/etc/udev/switchdev-vf-link-name.sh"
        + " $attr{phys_port_name}\", NAME=\""
        + name
        + "_$env{NUMBER}\"";
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
