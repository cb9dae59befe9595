package io.sriov.deviceplugin.allocation;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** JSON text as Go's {@code encoding/json} writes it; pods compare and parse it (spec 05 §6.6). */
final class GoJson {

  private GoJson() {}

  /** A string. */
  static String text(String value) {
    var json = new StringBuilder(value.length() + 2).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        // Written escaped so that the text is safe inside HTML.
        case '<', '>', '&', '\u2028', '\u2029' -> json.append("\\u%04x".formatted((int) c));
        default -> {
          if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }

  /** A struct: members in the order of {@code members}, whose values are JSON already. */
  static String object(Map<String, String> members) {
    return members.entrySet().stream()
        .map(member -> text(member.getKey()) + ":" + member.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** A map: like {@link #object}, keys sorted. */
  static String sorted(Map<String, String> members) {
    return object(new TreeMap<>(members));
  }

  /** A map of strings. */
  static String ofTexts(Map<String, String> members) {
    var json = new TreeMap<String, String>();
    members.forEach((key, value) -> json.put(key, text(value)));
    return object(json);
  }
}
