package io.sriov.operator.pool;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether drains may start in a pool at some moment.
 *
 * @param shut why not; empty when they may
 * @param until when this has to be looked at again; empty if only a change of the pool matters
 */
public record Gate(Optional<Shut> shut, Optional<Instant> until) {

  /** Drains may start. */
  public static final Gate OPEN = new Gate(Optional.empty(), Optional.empty());

  /** Kind of reason, a word for programs. */
  public enum Reason {
    PAUSED("Paused"),
    OUTSIDE_MAINTENANCE_WINDOW("OutsideMaintenanceWindow"),
    INVALID_SPEC("InvalidSpec");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    /** As it stands in a condition. */
    public String word() {
      return word;
    }
  }

  /**
   * Why drains may not start.
   *
   * @param text a clause for people
   */
  public record Shut(Reason reason, String text) {}
}
