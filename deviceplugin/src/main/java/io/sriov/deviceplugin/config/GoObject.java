package io.sriov.deviceplugin.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The members of a JSON object by the rules of Go's {@code encoding/json}, on which configurations
 * rely: keys in any case, unknown keys ignored, the last of several wins, {@code null} leaves the
 * default (spec 05 §2.1).
 *
 * @param where path of the object for errors, e.g. {@code resourceList[2]}
 */
record GoObject(String where, Json.Obj object) {

  static GoObject of(String where, Json value) throws ConfigException {
    if (value instanceof Json.Obj object) {
      return new GoObject(where, object);
    }
    throw wrong(where, "an object", value);
  }

  String text(String key) throws ConfigException {
    var found = "";
    for (var value : values(key)) {
      if (value instanceof Json.Text text) {
        found = text.value();
      } else if (!(value instanceof Json.Null)) {
        throw wrong(path(key), "a string", value);
      }
    }
    return found;
  }

  boolean bool(String key) throws ConfigException {
    boolean found = false;
    for (var value : values(key)) {
      if (value instanceof Json.Bool bool) {
        found = bool.value();
      } else if (!(value instanceof Json.Null)) {
        throw wrong(path(key), "true or false", value);
      }
    }
    return found;
  }

  List<String> texts(String key) throws ConfigException {
    List<String> found = List.of();
    for (var value : values(key)) {
      found = new ArrayList<>();
      for (var item : list(path(key), value)) {
        switch (item) {
          case Json.Text text -> found.add(text.value());
          // Go leaves the element at its zero value.
          case Json.Null _ -> found.add("");
          default -> throw wrong(path(key), "a list of strings", item);
        }
      }
    }
    return found;
  }

  List<Json> list(String key) throws ConfigException {
    List<Json> found = List.of();
    for (var value : values(key)) {
      found = list(path(key), value);
    }
    return found;
  }

  /** A map of maps of strings; absent when the key is absent or null at last. */
  Optional<Map<String, Map<String, String>>> textMaps(String key) throws ConfigException {
    Optional<Map<String, Map<String, String>>> found = Optional.empty();
    for (var value : values(key)) {
      if (value instanceof Json.Null) {
        found = Optional.empty();
        continue;
      }
      var maps = found.orElseGet(LinkedHashMap::new);
      for (var member : of(path(key), value).object.members()) {
        maps.put(member.key(), textMap(path(key) + "." + member.key(), member.value()));
      }
      found = Optional.of(maps);
    }
    return found;
  }

  /** The value the key has at last; absent when the key is. */
  Optional<Json> raw(String key) {
    var values = values(key);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  private static Map<String, String> textMap(String where, Json value) throws ConfigException {
    var map = new LinkedHashMap<String, String>();
    if (value instanceof Json.Null) {
      return map;
    }
    for (var member : of(where, value).object.members()) {
      switch (member.value()) {
        case Json.Text text -> map.put(member.key(), text.value());
        case Json.Null _ -> map.put(member.key(), "");
        default -> throw wrong(where + "." + member.key(), "a string", member.value());
      }
    }
    return map;
  }

  private static List<Json> list(String where, Json value) throws ConfigException {
    return switch (value) {
      case Json.Null _ -> List.of();
      case Json.Array array -> array.items();
      default -> throw wrong(where, "a list", value);
    };
  }

  private List<Json> values(String key) {
    return object.members().stream()
        .filter(member -> member.key().equalsIgnoreCase(key))
        .map(Json.Member::value)
        .toList();
  }

  private String path(String key) {
    return where.isEmpty() ? key : where + "." + key;
  }

  private static ConfigException wrong(String where, String wanted, Json found) {
    return ConfigException.malformed(
        "%s must be %s, but is %s".formatted(where, wanted, found.kind()));
  }
}
