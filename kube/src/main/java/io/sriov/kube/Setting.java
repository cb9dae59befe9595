package io.sriov.kube;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One setting, absent or text, to be read as a type.
 *
 * @param key how the user knows it, e.g. {@code environment variable NAMESPACE}; begins every error
 */
public record Setting(String key, Optional<String> text) {

  /** The text; absent is an error. */
  public String required() {
    return text.orElseThrow(() -> new SettingException(key, "required, but not set"));
  }

  /** The text, or {@code fallback} when absent. */
  public String orElse(String fallback) {
    return text.orElse(fallback);
  }

  /** Whether the text is exactly {@code value}; anything else counts as off, as upstream has it. */
  public boolean is(String value) {
    return text.filter(value::equals).isPresent();
  }

  /** Whether the text is {@code value} in any case; anything else counts as off. */
  public boolean isIgnoringCase(String value) {
    return text.filter(value::equalsIgnoreCase).isPresent();
  }

  /** {@code true} or {@code false}; anything else is an error. */
  public Optional<Boolean> bool() {
    return as(value ->
        switch (value) {
          case "true" -> true;
          case "false" -> false;
          default -> throw refused("true or false");
        });
  }

  /** A whole number from {@code min} to {@code max}, both included. */
  public Optional<Integer> integer(int min, int max) {
    return as(value -> {
      var allowed = "a whole number from " + min + " to " + max;
      try {
        int number = Integer.parseInt(value);
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw refused(allowed);
      }
      throw refused(allowed);
    });
  }

  /** A constant of {@code type}, written like its {@code toString()}, in any case. */
  public <E extends Enum<E>> Optional<E> oneOf(Class<E> type) {
    return as(value ->
        Arrays.stream(type.getEnumConstants())
            .filter(constant -> constant.toString().equalsIgnoreCase(value))
            .findFirst()
            .orElseThrow(() ->
                refused(
                    Arrays.stream(type.getEnumConstants())
                        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ", "one of ", "")))));
  }

  /** The parts of a comma-separated text, without blanks around them and without empty ones. */
  public List<String> list() {
    return text.stream()
        .flatMap(value -> Arrays.stream(value.split(",")))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  /** An absolute path. */
  public Optional<Path> path() {
    return as(value -> {
      var path = Path.of(value);
      if (!path.isAbsolute()) {
        throw refused("an absolute path");
      }
      return path;
    });
  }

  /** The text as {@code parser} reads it; its IllegalArgumentException says what is wrong. */
  public <T> Optional<T> as(Function<String, T> parser) {
    return text.map(value -> {
      try {
        return parser.apply(value);
      } catch (SettingException e) {
        throw e;
      } catch (IllegalArgumentException e) {
        throw new SettingException(key, e.getMessage() == null ? e.toString() : e.getMessage());
      }
    });
  }

  private SettingException refused(String allowed) {
    return new SettingException(key, "\"" + text.orElse("") + "\" is not " + allowed);
  }
}
