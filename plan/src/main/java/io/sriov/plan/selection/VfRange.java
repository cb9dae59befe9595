package io.sriov.plan.selection;

import java.util.Optional;

/**
 * VF indices {@code first} to {@code last}, both inclusive and from 0; written {@code 0-3}.
 *
 * @throws IllegalArgumentException when {@code first} is negative or above {@code last}
 */
public record VfRange(int first, int last) {

  public VfRange {
    if (first < 0 || first > last) {
      throw new IllegalArgumentException("not a VF range: " + first + "-" + last);
    }
  }

  /** All VFs of a PF that has {@code numVfs}, at least one. */
  public static VfRange whole(int numVfs) {
    return new VfRange(0, numVfs - 1);
  }

  /**
   * Reads {@code <first>-<last>}; what follows a second {@code -} is not looked at (spec 01 §4.5).
   */
  public static Optional<VfRange> parse(String text) {
    String[] ends = text.split("-", -1);
    if (ends.length < 2) {
      return Optional.empty();
    }
    int first = index(ends[0]);
    int last = index(ends[1]);
    return first < 0 || first > last ? Optional.empty() : Optional.of(new VfRange(first, last));
  }

  /** Whether some VF is in both. */
  public boolean overlaps(VfRange other) {
    return first <= other.last && other.first <= last;
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }

  private static int index(String digits) {
    boolean decimal = digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return decimal && !digits.isEmpty() && digits.length() <= 9 ? Integer.parseInt(digits) : -1;
  }
}
