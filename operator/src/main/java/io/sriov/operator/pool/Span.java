package io.sriov.operator.pool;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Kubernetes writes them: {@code 4h}, {@code 1h30m}, {@code 90s}. */
final class Span {

  private static final Pattern TEXT =
      Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,6})m)?(?:(\\d{1,6})s)?");

  private Span() {}

  /**
   * @param field named in the error
   * @throws IllegalArgumentException if it is not a duration, or is zero
   */
  static Duration parse(String field, String text) {
    Matcher parts = TEXT.matcher(text);
    Duration span = parts.matches() ? duration(parts) : Duration.ZERO;
    if (span.isZero()) {
      throw new IllegalArgumentException(
          "%s is \"%s\"; give a duration such as 90s, 30m or 1h30m".formatted(field, text));
    }
    return span;
  }

  private static Duration duration(Matcher parts) {
    return Duration.ofHours(number(parts, 1))
        .plusMinutes(number(parts, 2))
        .plusSeconds(number(parts, 3));
  }

  private static long number(Matcher parts, int group) {
    String digits = parts.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
