package io.sriov.operator.pool;

import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/** How many nodes of a pool may be drained at the same time (spec 01 §1.7). */
public sealed interface MaxUnavailable {

  /** As many as ask. */
  record Unlimited() implements MaxUnavailable {}

  /**
   * @param nodes from 0, which lets no node drain
   */
  record Count(int nodes) implements MaxUnavailable {}

  /**
   * @param percent 1–100 of the pool's nodes
   */
  record Percent(int percent) implements MaxUnavailable {}

  /**
   * Nodes of {@code members} that may be drained at once. A percentage that comes to less than one
   * node is one node: rounded to none it would block every change for ever.
   */
  default int of(int members) {
    return switch (this) {
      case Unlimited() -> Integer.MAX_VALUE;
      case Count(int nodes) -> nodes;
      case Percent(int percent) -> Math.max(1, (int) ((long) percent * members / 100));
    };
  }

  /** The value as it stands in a manifest. */
  default String text() {
    return switch (this) {
      case Unlimited() -> "unlimited";
      case Count(int nodes) -> Integer.toString(nodes);
      case Percent(int percent) -> percent + "%";
    };
  }

  /**
   * @throws IllegalArgumentException saying what is allowed
   */
  static MaxUnavailable parse(@Nullable IntOrString value) {
    if (value == null) {
      return new Unlimited();
    }
    Integer number = value.getIntVal();
    if (number != null) {
      return count(number);
    }
    String text = String.valueOf(value.getStrVal());
    if (text.matches("[0-9]{1,3}%")) {
      int percent = Integer.parseInt(text.substring(0, text.length() - 1));
      if (percent >= 1 && percent <= 100) {
        return new Percent(percent);
      }
    }
    throw refused(text);
  }

  private static MaxUnavailable count(int number) {
    if (number < 0) {
      throw refused(Integer.toString(number));
    }
    return new Count(number);
  }

  private static IllegalArgumentException refused(String value) {
    return new IllegalArgumentException(
        "maxUnavailable is \"%s\"; give a number from 0 or a percentage from 1%% to 100%%"
            .formatted(value));
  }
}
