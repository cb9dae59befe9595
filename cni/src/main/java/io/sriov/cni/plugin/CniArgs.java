package io.sriov.cni.plugin;

import io.sriov.cni.protocol.CniException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code CNI_ARGS}: pairs {@code K=V} separated by semicolons (spec 04 §1.8). Keys are
 * case-sensitive; ones other than {@code MAC} are allowed only with {@code IgnoreUnknown}.
 *
 * @param mac empty if not given
 */
public record CniArgs(String mac) {

  public static CniArgs parse(String text) throws CniException {
    if (text.isEmpty()) {
      return new CniArgs("");
    }
    String mac = "";
    boolean ignoreUnknown = false;
    List<String> unknown = new ArrayList<>();
    for (String pair : text.split(";", -1)) {
      int separator = pair.indexOf('=');
      if (separator < 0 || pair.indexOf('=', separator + 1) >= 0) {
        throw CniException.internal("CNI_ARGS: \"" + pair + "\" is not of the form KEY=VALUE");
      }
      String key = pair.substring(0, separator);
      String value = pair.substring(separator + 1);
      switch (key) {
        case "MAC" -> mac = value;
        case "IgnoreUnknown" -> ignoreUnknown = bool(value);
        default -> unknown.add(key);
      }
    }
    if (!unknown.isEmpty() && !ignoreUnknown) {
      throw CniException.internal(
          "CNI_ARGS: unknown keys " + unknown + "; set IgnoreUnknown=true to allow them");
    }
    return new CniArgs(mac);
  }

  private static boolean bool(String value) throws CniException {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "1", "true" -> true;
      case "0", "false" -> false;
      default ->
          throw CniException.internal(
              "CNI_ARGS: IgnoreUnknown must be 1, 0, true or false, not \"" + value + "\"");
    };
  }
}
