package io.sriov.cni.json;

import java.util.List;

/**
 * A JSON value that keeps the order of members, duplicate keys, and numbers as they were written.
 */
public sealed interface Json {

  Null NULL = new Null();

  /** An object. */
  record Obj(List<Member> members) implements Json {
    public Obj {
      members = List.copyOf(members);
    }
  }

  /** One key of an object with its value. */
  record Member(String key, Json value) {}

  /** An array. */
  record Arr(List<Json> items) implements Json {
    public Arr {
      items = List.copyOf(items);
    }
  }

  /** A string. */
  record Text(String value) implements Json {}

  /** A number, as its source text. */
  record Num(String source) implements Json {}

  /** {@code true} or {@code false}. */
  record Bool(boolean value) implements Json {}

  /** {@code null}. */
  record Null() implements Json {}

  static Text of(String value) {
    return new Text(value);
  }

  static Num of(long value) {
    return new Num(Long.toString(value));
  }

  static Bool of(boolean value) {
    return new Bool(value);
  }

  /** What kind of value this is, for messages. */
  default String kind() {
    return switch (this) {
      case Obj _ -> "object";
      case Arr _ -> "array";
      case Text _ -> "string";
      case Num _ -> "number";
      case Bool _ -> "boolean";
      case Null _ -> "null";
    };
  }
}
