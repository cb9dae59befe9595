package io.sriov.plan.network;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** JSON text that a user wrote into a field, checked before it is put into a configuration. */
final class RawJson {

  private RawJson() {}

  /**
   * One JSON object; empty when the field is absent or blank.
   *
   * @throws NetworkError naming {@code field} when it is something else
   */
  static Optional<String> object(String field, @Nullable String text) throws NetworkError {
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    String json = indent(field, withoutBlanks(text));
    if (!json.startsWith("{")) {
      throw new NetworkError("spec.%s is not a JSON object".formatted(field));
    }
    return Optional.of(json);
  }

  /** One or more JSON objects separated by commas. */
  static Optional<String> objects(String field, @Nullable String text) throws NetworkError {
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    indent(field, "[" + text + "]");
    return Optional.of(text);
  }

  private static String indent(String field, String text) throws NetworkError {
    try {
      return JsonText.indent(text);
    } catch (NetworkError e) {
      throw new NetworkError("spec.%s is not valid JSON: %s".formatted(field, e.getMessage()));
    }
  }

  /**
   * Drops white space of every kind between tokens; inside strings it stays (upstream drops it
   * there too and so changes values).
   */
  private static String withoutBlanks(String text) {
    StringBuilder kept = new StringBuilder();
    boolean inString = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (inString && c == '\\' && i + 1 < text.length()) {
        kept.append(c).append(text.charAt(++i));
        continue;
      }
      if (c == '"') {
        inString = !inString;
      }
      if (inString || !(Character.isWhitespace(c) || Character.isSpaceChar(c))) {
        kept.append(c);
      }
    }
    return kept.toString();
  }
}
