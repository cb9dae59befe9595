package io.sriov.cni.json;

import java.util.List;

/** Writes JSON compactly or indented by four spaces, without a newline at the end. */
public final class JsonWriter {

  private final StringBuilder out = new StringBuilder();
  private final boolean indented;

  private JsonWriter(boolean indented) {
    this.indented = indented;
  }

  public static String compact(Json value) {
    return written(value, false);
  }

  public static String indented(Json value) {
    return written(value, true);
  }

  private static String written(Json value, boolean indented) {
    JsonWriter writer = new JsonWriter(indented);
    writer.value(value, 0);
    return writer.out.toString();
  }

  private void value(Json value, int depth) {
    switch (value) {
      case Json.Obj(List<Json.Member> members) -> {
        if (members.isEmpty()) {
          out.append("{}");
          return;
        }
        out.append('{');
        String separator = "";
        for (Json.Member member : members) {
          out.append(separator);
          line(depth + 1);
          text(member.key());
          out.append(indented ? ": " : ":");
          value(member.value(), depth + 1);
          separator = ",";
        }
        line(depth);
        out.append('}');
      }
      case Json.Arr(List<Json> items) -> {
        if (items.isEmpty()) {
          out.append("[]");
          return;
        }
        out.append('[');
        String separator = "";
        for (Json item : items) {
          out.append(separator);
          line(depth + 1);
          value(item, depth + 1);
          separator = ",";
        }
        line(depth);
        out.append(']');
      }
      case Json.Text(String text) -> text(text);
      case Json.Num(String source) -> out.append(source);
      case Json.Bool(boolean bool) -> out.append(bool);
      case Json.Null _ -> out.append("null");
    }
  }

  private void line(int depth) {
    if (indented) {
      out.append('\n').append("    ".repeat(depth));
    }
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          // A lone surrogate has no UTF-8 form.
          if (c < 0x20 || (Character.isSurrogate(c) && !paired(text, i))) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean paired(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }
}
