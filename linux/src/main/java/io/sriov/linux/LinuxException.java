package io.sriov.linux;

import java.io.IOException;

/**
 * The kernel refused an operation. The text reads as {@code RTM_SETLINK mtu 9000 on ens1f0: EINVAL
 * (mtu greater than device maximum)}.
 */
public final class LinuxException extends IOException {

  private static final long serialVersionUID = 1L;

  private final int number;
  private final String operation;
  private final String detail;

  /**
   * An error of {@code operation}.
   *
   * @param errno value of errno, positive
   * @param operation what was tried, naming the object, e.g. {@code write 7 to …/sriov_numvfs}
   */
  public LinuxException(int errno, String operation) {
    this(errno, operation, "");
  }

  /**
   * An error of {@code operation} with the kernel's own words.
   *
   * @param detail text of {@code NLMSGERR_ATTR_MSG} or an explanation of ours; empty if there is
   *     none
   */
  public LinuxException(int errno, String operation, String detail) {
    super(operation + ": " + nameOf(errno) + (detail.isEmpty() ? "" : " (" + detail + ")"));
    this.number = errno;
    this.operation = operation;
    this.detail = detail;
  }

  /** An error of {@code operation}. */
  public LinuxException(Errno errno, String operation) {
    this(errno.number(), operation, "");
  }

  /** An error of {@code operation} with an explanation. */
  public LinuxException(Errno errno, String operation, String detail) {
    this(errno.number(), operation, detail);
  }

  /** The value of errno. */
  public int errno() {
    return number;
  }

  /** The error as a name, {@link Errno#EUNKNOWN} for a number not listed there. */
  public Errno error() {
    return Errno.of(number);
  }

  /** Symbolic name of the error, {@code errno 123} for a number that is not listed. */
  public String errorName() {
    return nameOf(number);
  }

  /** What was tried. */
  public String operation() {
    return operation;
  }

  /** The kernel's explanation (extended ack), empty if it gave none. */
  public String detail() {
    return detail;
  }

  /** Whether this error is one of {@code errors}. */
  public boolean is(Errno... errors) {
    for (Errno errno : errors) {
      if (errno.number() == number) {
        return true;
      }
    }
    return false;
  }

  /** Whether the same call may succeed later without anything being changed by a person. */
  public boolean retryable() {
    return error().retryable();
  }

  private static String nameOf(int errno) {
    Errno known = Errno.of(errno);
    return known == Errno.EUNKNOWN ? "errno " + errno : known.name();
  }
}
