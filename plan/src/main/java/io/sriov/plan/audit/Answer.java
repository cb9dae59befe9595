package io.sriov.plan.audit;

import java.util.Optional;

/** What a witness says, or that it says nothing. */
public sealed interface Answer<T> {

  /** It answered. */
  record Given<T>(T value) implements Answer<T> {}

  /**
   * It did not answer, which is no evidence for anything.
   *
   * @param why for people
   */
  record Silence<T>(String why) implements Answer<T> {}

  /** Empty if it did not answer. */
  default Optional<T> given() {
    return this instanceof Given<T>(T value) ? Optional.of(value) : Optional.empty();
  }
}
