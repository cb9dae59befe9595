package io.sriov.node.boot;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * YAML as Go's yaml.v3 writes it, byte for byte for what the boot services' files hold: maps with
 * string keys, lists, strings, numbers, booleans, null. Indentation is 4, except that a list in a
 * list entry goes to the next multiple of 4.
 */
final class GoYaml {

  /** What YAML 1.1 took for a number in base 60; quoted for the sake of old readers. */
  private static final Pattern BASE_60 =
      Pattern.compile("[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\\.[0-9_]*)?");

  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?(?:0[bB][01_]+|0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)"
              + "|[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");

  private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?");

  /** Words with a meaning of their own, in YAML 1.2 and before. */
  private static final Pattern WORD =
      Pattern.compile(
          "~|null|Null|NULL|true|True|TRUE|false|False|FALSE|<<"
              + "|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF");

  private final StringBuilder out = new StringBuilder();

  private GoYaml() {}

  static String write(Map<String, ? extends @Nullable Object> document) {
    var yaml = new GoYaml();
    yaml.map(document, 0, false);
    return yaml.out.toString();
  }

  private void map(Map<String, ? extends @Nullable Object> map, int indent, boolean inEntry) {
    boolean first = inEntry;
    for (var entry : map.entrySet()) {
      if (!first) {
        out.repeat(' ', indent);
      }
      first = false;
      out.append(scalar(entry.getKey())).append(':');
      value(entry.getValue(), indent);
    }
  }

  private void value(@Nullable Object value, int indent) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      out.append('\n');
      map(strings(map), next(indent), false);
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      out.append('\n');
      list(list, next(indent));
    } else {
      out.append(' ').append(scalar(value)).append('\n');
    }
  }

  private void list(List<?> list, int indent) {
    for (Object entry : list) {
      out.repeat(' ', indent).append("- ");
      if (entry instanceof Map<?, ?> map && !map.isEmpty()) {
        map(strings(map), indent + 2, true);
      } else {
        out.append(scalar(entry)).append('\n');
      }
    }
  }

  private static int next(int indent) {
    return 4 * ((indent + 4) / 4);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, @Nullable Object> strings(Map<?, ?> map) {
    return (Map<String, @Nullable Object>) map;
  }

  private static String scalar(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> string(text);
      case Map<?, ?> _ -> "{}";
      case List<?> _ -> "[]";
      default -> value.toString();
    };
  }

  private static String string(String text) {
    if (text.isEmpty()
        || WORD.matcher(text).matches()
        || NUMBER.matcher(text).matches()
        || BASE_60.matcher(text).matches()
        || DATE.matcher(text).matches()) {
      return doubleQuoted(text);
    }
    boolean special = text.chars().anyMatch(c -> c < ' ' || c == 0x7f);
    if (special) {
      return doubleQuoted(text);
    }
    return isPlain(text) ? text : "'" + text.replace("'", "''") + "'";
  }

  private static boolean isPlain(String text) {
    char first = text.charAt(0);
    boolean indicator = "#,[]{}&*!|>'\"%@`".indexOf(first) >= 0;
    boolean dash = "-?:".indexOf(first) >= 0 && (text.length() == 1 || text.charAt(1) == ' ');
    return !indicator
        && !dash
        && !text.startsWith("---")
        && !text.startsWith("...")
        && !text.startsWith(" ")
        && !text.endsWith(" ")
        && !text.endsWith(":")
        && !text.contains(": ")
        && !text.contains(" #");
  }

  private static String doubleQuoted(String text) {
    var quoted = new StringBuilder("\"");
    text.chars()
        .forEach(c -> {
          switch (c) {
            case '"' -> quoted.append("\\\"");
            case '\\' -> quoted.append("\\\\");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            default -> {
              if (c < ' ' || c == 0x7f) {
                quoted.append("\\x%02X".formatted(c));
              } else {
                quoted.append((char) c);
              }
            }
          }
        });
    return quoted.append('"').toString();
  }
}
