package io.sriov.linux.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.sriov.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The calls of libc on paths and plain descriptors. */
final class FileCalls {

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_INO = 0x100;

  private FileCalls() {}

  static int open(String path, int flags, int mode) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      return (int) Libc.OPEN.call(arena, "open " + path, name.address(), flags, mode);
    }
  }

  /** Errors are of no use: Linux has released the descriptor even then. */
  static void close(int fd) {
    try {
      long unused = Libc.CLOSE.call("close", fd);
    } catch (LinuxException e) {
      // EBADF would mean that somebody closed a descriptor that is not theirs.
      assert e.errno() != 9 : e;
    }
  }

  /** One write(2); returns the number of bytes taken. */
  static long write(int fd, byte[] content, String operation) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, content);
      return Libc.WRITE.call(arena, operation, fd, bytes.address(), content.length);
    }
  }

  /** {@code f_type}, the first word of {@code struct statfs} (asm-generic/statfs.h, 120 bytes). */
  static long filesystemType(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statfs = arena.allocate(256, 8);
      long unused = Libc.FSTATFS.call(arena, "fstatfs", fd, statfs.address());
      return statfs.get(JAVA_LONG, 0);
    }
  }

  /**
   * Device and inode, without a look-up in {@code /proc}: {@code stx_ino}, {@code stx_dev_major}
   * and {@code stx_dev_minor} of {@code struct statx} (linux/stat.h, 256 bytes).
   */
  static FileId id(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment empty = arena.allocateFrom("");
      MemorySegment statx = arena.allocate(256, 8);
      long unused =
          Libc.STATX.call(
              arena, "statx", fd, empty.address(), AT_EMPTY_PATH, STATX_INO, statx.address());
      long device = (long) statx.get(JAVA_INT, 136) << 32 | statx.get(JAVA_INT, 140);
      return new FileId(device, statx.get(JAVA_LONG, 32));
    }
  }

  static void flock(int fd, int operation, String what) throws LinuxException {
    long unused = Libc.FLOCK.call(what, fd, operation);
  }

  static int eventfd(int flags) throws LinuxException {
    return (int) Libc.EVENTFD.call("eventfd", 0, flags);
  }
}
