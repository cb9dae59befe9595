package io.sriov.linux.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.sriov.linux.LinuxException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The calls of libc on paths and plain descriptors. */
final class FileCalls {

  private static final class Open {
    static final MethodHandle HANDLE =
        Native.variadic("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  }

  private static final class Close {
    static final MethodHandle HANDLE =
        Native.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }

  private static final class Write {
    static final MethodHandle HANDLE =
        Native.function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  }

  private static final class Fstatfs {
    static final MethodHandle HANDLE =
        Native.function("fstatfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  }

  private static final class Flock {
    static final MethodHandle HANDLE =
        Native.function("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  }

  private static final class Eventfd {
    static final MethodHandle HANDLE =
        Native.function("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  }

  private FileCalls() {}

  static int open(String path, int flags, int mode) throws LinuxException {
    return (int)
        Native.call(
            "open " + path,
            (arena, state) ->
                (int) Open.HANDLE.invokeExact(state, arena.allocateFrom(path), flags, mode));
  }

  /** Errors are of no use: Linux has released the descriptor even then. */
  static void close(int fd) {
    try {
      long unused =
          Native.call("close", (arena, state) -> 0 & (int) Close.HANDLE.invokeExact(state, fd));
    } catch (LinuxException e) {
      throw new AssertionError(e);
    }
  }

  /** One write(2); returns the number of bytes taken. */
  static long write(int fd, byte[] content, String operation) throws LinuxException {
    return Native.call(
        operation,
        (arena, state) -> {
          MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, content);
          return (long) Write.HANDLE.invokeExact(state, fd, bytes, (long) content.length);
        });
  }

  /** {@code f_type}, the first word of {@code struct statfs} on 64-bit architectures. */
  static long filesystemType(int fd) throws LinuxException {
    long[] type = new long[1];
    long unused =
        Native.call(
            "fstatfs",
            (arena, state) -> {
              // struct statfs is 120 bytes (asm-generic/statfs.h).
              MemorySegment statfs = arena.allocate(256, 8);
              int result = (int) Fstatfs.HANDLE.invokeExact(state, fd, statfs);
              type[0] = statfs.get(JAVA_LONG, 0);
              return result;
            });
    return type[0];
  }

  static void flock(int fd, int operation, String what) throws LinuxException {
    long unused =
        Native.call(what, (arena, state) -> (int) Flock.HANDLE.invokeExact(state, fd, operation));
  }

  static int eventfd(int flags) throws LinuxException {
    return (int)
        Native.call("eventfd", (arena, state) -> (int) Eventfd.HANDLE.invokeExact(state, 0, flags));
  }
}
