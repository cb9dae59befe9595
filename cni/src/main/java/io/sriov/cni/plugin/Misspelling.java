package io.sriov.cni.plugin;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A key of a configuration that has no effect and looks like one that would have, e.g. {@code
 * max-tx-rate}. CNI wants unknown keys ignored, so the call goes on.
 *
 * @param key as it was written
 * @param meant the right spelling; several if the key is as near to each of them
 */
public record Misspelling(String key, List<String> meant) {

  /** Keys of CNI itself and of the runtimes, which any configuration may have. */
  private static final Set<String> COMMON =
      Set.of(
          "cniversion",
          "cniversions",
          "name",
          "type",
          "plugins",
          "args",
          "capabilities",
          "runtimeconfig",
          "ipam",
          "dns",
          "prevresult",
          "disablecheck",
          "disablegc",
          "ipmasq",
          "deviceid",
          "pcibusid");

  /** A key this long may have one slip, a key twice as long two: shorter ones resemble too much. */
  private static final int LETTERS_PER_SLIP = 4;

  /** Keys longer than this are nobody's slip of the pen; comparing them would only cost time. */
  private static final int LONGEST = 64;

  /**
   * The misspelt keys at the top of a configuration, in its order. Letter case does not count, as
   * it does not for the plugins.
   *
   * @param config an object; of anything else none
   * @param settings the plugin's own keys, rightly spelt
   */
  public static List<Misspelling> in(Json config, Set<String> settings) {
    List<Json.Member> members;
    try {
      members = Fields.of(config).members();
    } catch (JsonException e) {
      return List.of();
    }
    List<Misspelling> found = new ArrayList<>();
    for (Json.Member member : members) {
      List<String> meant = meant(member.key(), settings);
      if (!meant.isEmpty()) {
        found.add(new Misspelling(member.key(), meant));
      }
    }
    return List.copyOf(found);
  }

  private static List<String> meant(String key, Set<String> settings) {
    boolean known =
        COMMON.contains(key.toLowerCase(Locale.ROOT))
            || settings.stream().anyMatch(key::equalsIgnoreCase);
    if (known || key.length() > LONGEST) {
      return List.of();
    }
    String letters = letters(key);
    int nearest = Integer.MAX_VALUE;
    List<String> meant = new ArrayList<>();
    for (String setting : settings.stream().sorted().toList()) {
      String right = letters(setting);
      int slips = slips(letters, right);
      int allowed = Math.min(2, Math.min(letters.length(), right.length()) / LETTERS_PER_SLIP);
      if (slips <= allowed && slips <= nearest) {
        if (slips < nearest) {
          meant.clear();
        }
        nearest = slips;
        meant.add(setting);
      }
    }
    return List.copyOf(meant);
  }

  /** Without what people use to separate words. */
  private static String letters(String key) {
    return key.toLowerCase(Locale.ROOT).replaceAll("[-_. ]", "");
  }

  /** Letters to add, leave out or replace, and neighbours to exchange, to make one of the other. */
  private static int slips(String a, String b) {
    int[][] distance = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          distance[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = distance[i - 1][j - 1] + (same ? 0 : 1);
        least = Math.min(least, 1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, distance[i - 2][j - 2] + 1);
        }
        distance[i][j] = least;
      }
    }
    return distance[a.length()][b.length()];
  }

  /** What to do about it. */
  public String advice() {
    return "\"%s\" has no effect: did you mean %s?".formatted(key, String.join(" or ", meant));
  }
}
