package io.sriov.cni.protocol;

import java.util.List;

/** Versions of the CNI specification that a configuration may name (spec 04 §1.2). */
public final class CniVersion {

  /** Version of a configuration that names none. */
  public static final String OLDEST = "0.1.0";

  public static final List<String> SUPPORTED =
      List.of("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  private CniVersion() {}

  /**
   * Refuses a configuration version that is not supported, or that does not have the verb yet.
   *
   * @throws CniException code 1; code 6 if the version is no version at all
   */
  static void require(String version, Command command) throws CniException {
    if (compare(version, command.since()) < 0) {
      throw new CniException(
          CniException.INCOMPATIBLE_VERSION,
          "cniVersion "
              + version
              + " has no "
              + command
              + ": it needs at least "
              + command.since());
    }
    if (!SUPPORTED.contains(version)) {
      throw new CniException(
          CniException.INCOMPATIBLE_VERSION,
          "cniVersion " + version + " is not supported",
          "supported are " + String.join(", ", SUPPORTED));
    }
  }

  /** Compares as up to three numbers separated by dots. */
  public static int compare(String a, String b) throws CniException {
    int[] left = parts(a);
    int[] right = parts(b);
    for (int i = 0; i < 3; i++) {
      int order = Integer.compare(left[i], right[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int[] parts(String version) throws CniException {
    String[] texts = version.split("\\.", -1);
    int[] numbers = new int[3];
    if (texts.length > 3) {
      throw malformed(version);
    }
    for (int i = 0; i < texts.length; i++) {
      try {
        numbers[i] = Integer.parseInt(texts[i]);
      } catch (NumberFormatException _) {
        throw malformed(version);
      }
    }
    return numbers;
  }

  private static CniException malformed(String version) {
    return new CniException(
        CniException.DECODING_FAILURE, "cniVersion " + version + " is not a version number");
  }
}
