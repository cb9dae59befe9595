package io.sriov.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * Java keeps the text of {@code strerror(3)} of a failed file operation, in the C locale, but not
 * errno.
 */
public final class Strerror {

  private Strerror() {}

  /** The error that {@code failure} is about, {@link Errno#EUNKNOWN} if that cannot be told. */
  public static Errno errno(IOException failure) {
    return switch (failure) {
      case LinuxException known -> known.error();
      case AccessDeniedException _ -> Errno.EACCES;
      case NoSuchFileException _ -> Errno.ENOENT;
      default -> errno(reason(failure));
    };
  }

  /** The words of the system, without the file's name; empty if there are none. */
  public static String reason(IOException failure) {
    String reason =
        failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
    return reason == null ? "" : reason;
  }

  private static Errno errno(String text) {
    return switch (text) {
      case "No space left on device" -> Errno.ENOSPC;
      case "Read-only file system" -> Errno.EROFS;
      case "Not a directory" -> Errno.ENOTDIR;
      case "Directory not empty" -> Errno.ENOTEMPTY;
      case "File name too long" -> Errno.ENAMETOOLONG;
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
