package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;

/** Errors of parsing: EBADMSG, as the kernel itself would call them. */
final class Malformed {

  private Malformed() {}

  static LinuxException because(String detail) {
    return new LinuxException(Errno.EBADMSG, "parse netlink message", detail);
  }
}
