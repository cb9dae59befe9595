package io.sriov.plan.node;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * VFs {@code first} to {@code last}, both inclusive, counted from 0. Written {@code first-last} in
 * decimal.
 */
public record VfRange(int first, int last) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,6})-(\\d{1,6})");

  /** Empty when the text is not a range, or runs backwards. */
  public static Optional<VfRange> parse(@Nullable String text) {
    Matcher matcher = FORM.matcher(text == null ? "" : text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    var range = new VfRange(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    return range.first <= range.last ? Optional.of(range) : Optional.empty();
  }

  /** Whether the VF with this index is in it. */
  public boolean contains(int vf) {
    return first <= vf && vf <= last;
  }
}
