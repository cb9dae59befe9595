package io.sriov.kube;

/**
 * What a condition shall say.
 *
 * @param type e.g. {@code Ready}
 * @param reason a CamelCase word for programs, pattern {@code
 *     ^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$}
 * @param message for people; cut at 32,768 characters, the limit of the schema
 */
public record DesiredCondition(String type, Status status, String reason, String message) {

  /** Value of a condition. */
  public enum Status {
    TRUE("True"),
    FALSE("False"),
    UNKNOWN("Unknown");

    private final String value;

    Status(String value) {
      this.value = value;
    }

    /** The value as it stands in a manifest. */
    public String value() {
      return value;
    }
  }

  private static final int MAX_MESSAGE = 32_768;

  public DesiredCondition {
    message =
        message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 1) + "…";
  }

  /** A condition that holds. */
  public static DesiredCondition holds(String type, String reason, String message) {
    return new DesiredCondition(type, Status.TRUE, reason, message);
  }

  /** A condition that does not hold. */
  public static DesiredCondition fails(String type, String reason, String message) {
    return new DesiredCondition(type, Status.FALSE, reason, message);
  }

  /** A condition of which nothing is known yet. */
  public static DesiredCondition unknown(String type, String reason, String message) {
    return new DesiredCondition(type, Status.UNKNOWN, reason, message);
  }
}
