package io.sriov.linux;

import java.util.Optional;

/**
 * Error numbers met by this project, as in {@code asm-generic/errno-base.h} and {@code
 * asm-generic/errno.h} (x86-64, arm64, ppc64le and s390x share these values).
 */
public enum Errno {
  EPERM(1),
  ENOENT(2),
  ESRCH(3),
  EINTR(4),
  EIO(5),
  ENXIO(6),
  E2BIG(7),
  EBADF(9),
  ECHILD(10),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EFAULT(14),
  EBUSY(16),
  EEXIST(17),
  EXDEV(18),
  ENODEV(19),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENFILE(23),
  EMFILE(24),
  ENOTTY(25),
  ETXTBSY(26),
  EFBIG(27),
  ENOSPC(28),
  ESPIPE(29),
  EROFS(30),
  EPIPE(32),
  EDOM(33),
  ERANGE(34),
  ENAMETOOLONG(36),
  ENOSYS(38),
  ENOTEMPTY(39),
  ELOOP(40),
  ENODATA(61),
  EPROTO(71),
  EBADMSG(74),
  EOVERFLOW(75),
  ENOTUNIQ(76),
  EMSGSIZE(90),
  EPROTOTYPE(91),
  ENOPROTOOPT(92),
  EPROTONOSUPPORT(93),
  EOPNOTSUPP(95),
  EAFNOSUPPORT(97),
  EADDRINUSE(98),
  EADDRNOTAVAIL(99),
  ENETDOWN(100),
  ENETUNREACH(101),
  ECONNABORTED(103),
  ECONNRESET(104),
  ENOBUFS(105),
  ENOTCONN(107),
  ETIMEDOUT(110),
  ECONNREFUSED(111),
  EHOSTUNREACH(113),
  EALREADY(114),
  EINPROGRESS(115),
  EUNKNOWN(0);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** The value of {@code errno}; 0 for {@link #EUNKNOWN}. */
  public int number() {
    return number;
  }

  /** The error with this number, {@link #EUNKNOWN} if it is none of the listed. */
  public static Errno of(int number) {
    for (Errno errno : values()) {
      if (errno.number == number) {
        return errno;
      }
    }
    return EUNKNOWN;
  }

  /** The error with this symbolic name, e.g. {@code EBUSY}. */
  public static Optional<Errno> named(String name) {
    for (Errno errno : values()) {
      if (errno.name().equals(name)) {
        return Optional.of(errno);
      }
    }
    return Optional.empty();
  }

  /** Whether the same call may succeed later without anything being changed by a person. */
  public boolean retryable() {
    return switch (this) {
      case EINTR,
          EAGAIN,
          EBUSY,
          ENOMEM,
          ENFILE,
          EMFILE,
          ENOBUFS,
          ETIMEDOUT,
          EINPROGRESS,
          EALREADY ->
          true;
      default -> false;
    };
  }
}
