package io.sriov.linux.sysfs;

import io.sriov.linux.Errno;

/** Texts of {@code strerror(3)} that reading sysfs meets, in the C locale the JVM uses. */
final class Strerror {

  private Strerror() {}

  static Errno errno(String text) {
    return switch (text) {
      case "Invalid argument" -> Errno.EINVAL;
      case "Operation not supported" -> Errno.EOPNOTSUPP;
      case "No such device" -> Errno.ENODEV;
      case "No such device or address" -> Errno.ENXIO;
      case "Input/output error" -> Errno.EIO;
      case "Device or resource busy" -> Errno.EBUSY;
      case "Resource temporarily unavailable" -> Errno.EAGAIN;
      case "Operation not permitted" -> Errno.EPERM;
      case "Permission denied" -> Errno.EACCES;
      case "Is a directory" -> Errno.EISDIR;
      case "Too many open files" -> Errno.EMFILE;
      case "Too many levels of symbolic links" -> Errno.ELOOP;
      case "Network is down" -> Errno.ENETDOWN;
      case "No data available" -> Errno.ENODATA;
      case "Connection timed out" -> Errno.ETIMEDOUT;
      default -> Errno.EUNKNOWN;
    };
  }
}
