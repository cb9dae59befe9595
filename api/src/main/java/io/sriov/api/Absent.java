package io.sriov.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Readers treat null, absent and empty alike (spec 01 §1.11). */
final class Absent {

  private Absent() {}

  static String toEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }

  static <T> List<T> toEmpty(@Nullable List<T> value) {
    return value == null ? List.of() : List.copyOf(value);
  }

  /** Keeps the order of the manifest. */
  static <V> Map<String, V> toEmpty(@Nullable Map<String, V> value) {
    return value == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(value));
  }

  static boolean isEmpty(@Nullable String value) {
    return value == null || value.isEmpty();
  }
}
