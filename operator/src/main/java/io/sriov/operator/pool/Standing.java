package io.sriov.operator.pool;

import java.util.Optional;

/**
 * What counts of a node for the others in its pool.
 *
 * @param busy being drained, or drained and not yet back: takes one of the pool's slots
 * @param asks asks for a drain and has not got it
 * @param failure why the rollout stops at this node; empty if it does not
 */
public record Standing(boolean busy, boolean asks, Optional<String> failure) {

  /** A node that wants nothing. */
  public static final Standing IDLE = new Standing(false, false, Optional.empty());
}
