package io.sriov.cni.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An object read field by field with the rules of Go's decoder: a key matches a field regardless of
 * case, of several keys for one field the last wins, {@code null} leaves a field as it was, and a
 * value of another type is an error that names the field (spec 04 §1.7).
 */
public final class Fields {

  private final List<Json.Member> members;
  private final String path;

  private Fields(List<Json.Member> members, String path) {
    this.members = members;
    this.path = path;
  }

  /** The fields of {@code value}; {@code null} is an object without members. */
  public static Fields of(Json value) throws JsonException {
    return switch (value) {
      case Json.Obj(List<Json.Member> members) -> new Fields(members, "");
      case Json.Null _ -> new Fields(List.of(), "");
      default -> throw new JsonException("a JSON object is expected, not a " + value.kind());
    };
  }

  /** A string; empty if it is absent or null. */
  public String text(String field) throws JsonException {
    String result = "";
    for (Json value : all(field)) {
      switch (value) {
        case Json.Text(String text) -> result = text;
        case Json.Null _ -> {}
        default -> throw mismatch(field, "a string", value);
      }
    }
    return result;
  }

  /** A string that may be absent: the last value counts, also when it is null. */
  public Optional<String> optionalText(String field) throws JsonException {
    Optional<String> result = Optional.empty();
    for (Json value : all(field)) {
      result =
          switch (value) {
            case Json.Text(String text) -> Optional.of(text);
            case Json.Null _ -> Optional.empty();
            default -> throw mismatch(field, "a string", value);
          };
    }
    return result;
  }

  /** A 64-bit integer that may be absent: the last value counts, also when it is null. */
  public Optional<Long> optionalInteger(String field) throws JsonException {
    Optional<Long> result = Optional.empty();
    for (Json value : all(field)) {
      result =
          switch (value) {
            case Json.Num(String source) -> Optional.of(integer(field, source));
            case Json.Null _ -> Optional.empty();
            default -> throw mismatch(field, "an integer", value);
          };
    }
    return result;
  }

  /** A boolean; false if it is absent or null. */
  public boolean bool(String field) throws JsonException {
    boolean result = false;
    for (Json value : all(field)) {
      switch (value) {
        case Json.Bool(boolean bool) -> result = bool;
        case Json.Null _ -> {}
        default -> throw mismatch(field, "true or false", value);
      }
    }
    return result;
  }

  /** A nested object whose members are booleans; null is false. */
  public List<Json.Member> booleans(String field) throws JsonException {
    List<Json.Member> result = new ArrayList<>();
    for (Json.Member member : object(field).members()) {
      switch (member.value()) {
        case Json.Bool _ -> result.add(member);
        case Json.Null _ -> result.add(new Json.Member(member.key(), Json.of(false)));
        default ->
            throw new JsonException(name(field) + "." + member.key() + " must be true or false");
      }
    }
    return List.copyOf(result);
  }

  /** A nested object; several of them are merged in order, none is one without members. */
  public Fields object(String field) throws JsonException {
    List<Json.Member> merged = new ArrayList<>();
    for (Json value : all(field)) {
      switch (value) {
        case Json.Obj(List<Json.Member> nested) -> merged.addAll(nested);
        case Json.Null _ -> {}
        default -> throw mismatch(field, "an object", value);
      }
    }
    return new Fields(merged, name(field) + ".");
  }

  /** The items of an array, none if it is absent or null. */
  public List<Json> array(String field) throws JsonException {
    List<Json> result = List.of();
    for (Json value : all(field)) {
      result =
          switch (value) {
            case Json.Arr(List<Json> items) -> items;
            case Json.Null _ -> List.of();
            default -> throw mismatch(field, "an array", value);
          };
    }
    return result;
  }

  /** An array of strings, empty if it is absent or null. */
  public List<String> texts(String field) throws JsonException {
    List<String> result = new ArrayList<>();
    for (Json item : array(field)) {
      switch (item) {
        case Json.Text(String text) -> result.add(text);
        case Json.Null _ -> result.add("");
        default -> throw mismatch(field, "an array of strings", item);
      }
    }
    return result;
  }

  /** Any value; the last one given. */
  public Optional<Json> any(String field) {
    List<Json> values = all(field);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  /** Whether the field is given, be it as null. */
  public boolean has(String field) {
    return !all(field).isEmpty();
  }

  /** The members as they were written. */
  public List<Json.Member> members() {
    return members;
  }

  private List<Json> all(String field) {
    List<Json> result = new ArrayList<>(1);
    for (Json.Member member : members) {
      if (sameKey(member.key(), field)) {
        result.add(member.value());
      }
    }
    return result;
  }

  /** Equal under the simple Unicode folding of Go: also long s is s and the Kelvin sign is k. */
  private static boolean sameKey(String key, String field) {
    return key.equals(field)
        || (key.length() == field.length()
            && key.replace('ſ', 's').replace('K', 'k').equalsIgnoreCase(field));
  }

  private long integer(String field, String source) throws JsonException {
    try {
      return Long.parseLong(source);
    } catch (NumberFormatException _) {
      throw new JsonException(name(field) + " must be a 64-bit integer, not " + source);
    }
  }

  private JsonException mismatch(String field, String expected, Json found) {
    return new JsonException(name(field) + " must be " + expected + ", not a " + found.kind());
  }

  private String name(String field) {
    return path + field;
  }
}
