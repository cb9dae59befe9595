package io.sriov.plan.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Members of a JSON object in the order in which they are added; an absent value adds nothing. */
final class Members {

  private final List<String> members = new ArrayList<>();

  Members text(String name, @Nullable String value) {
    return value == null || value.isEmpty() ? this : json(name, quote(value));
  }

  Members number(String name, @Nullable Integer value) {
    return value == null ? this : json(name, value.toString());
  }

  Members nonZero(String name, int value) {
    return value == 0 ? this : number(name, value);
  }

  /** A member whose value is JSON text already. */
  Members json(String name, String value) {
    members.add(quote(name) + ":" + value);
    return this;
  }

  Members json(String name, Optional<String> value) {
    return value.map(text -> json(name, text)).orElse(this);
  }

  String object() {
    return "{" + list() + "}";
  }

  /** The members separated by commas, without braces. */
  String list() {
    return String.join(",", members);
  }

  static String quote(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : value.toCharArray()) {
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        default -> {
          if (c < ' ') {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
