package io.sriov.linux.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.sriov.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Functions of libc. All are called with one shape, six words in and a word out: making the code
 * for a shape costs milliseconds in a fresh JVM, ten times that in the lab's nodes, and in the
 * calling conventions of 64-bit Linux an int or a pointer is a sign-extended word in a register and
 * a surplus argument is never looked at.
 */
enum Libc {
  ACCEPT4("accept4", false),
  BIND("bind", false),
  CLOSE("close", false),
  CONNECT("connect", false),
  EVENTFD("eventfd", false),
  FLOCK("flock", false),
  FSTATFS("fstatfs", false),
  GETSOCKNAME("getsockname", false),
  GETSOCKOPT("getsockopt", false),
  KILL("kill", false),
  LISTEN("listen", false),
  OPEN("open", false),
  POLL("poll", false),
  RECVMSG("recvmsg", true),
  SENDMSG("sendmsg", true),
  SETNS("setns", false),
  SETSOCKOPT("setsockopt", false),
  SHUTDOWN("shutdown", false),
  SOCKET("socket", false),
  STATX("statx", false),
  UNSHARE("unshare", false),
  WRITE("write", true);

  private static final class Shape {
    static final Linker LINKER = Linker.nativeLinker();
    static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
    static final long ERRNO = CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    static final MethodHandle HANDLE =
        LINKER.downcallHandle(
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));
  }

  private static final int EINTR = 4;

  private final String symbol;

  /** Whether the result is a {@code ssize_t}; else it is an int, and the upper half is noise. */
  private final boolean wide;

  /** Looked up on first use; a race finds the same twice. */
  private volatile @Nullable MemorySegment address;

  Libc(String symbol, boolean wide) {
    this.symbol = symbol;
    this.wide = wide;
  }

  /** A call without memory of its own. */
  long call(String operation, long... arguments) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      return call(arena, operation, arguments);
    }
  }

  /**
   * The result of the call, which is repeated while a signal interrupts it.
   *
   * @param arena where memory passed by address lives, so that it outlives the call
   * @param operation text of the error when the result is negative
   */
  long call(Arena arena, String operation, long... arguments) throws LinuxException {
    MemorySegment state = arena.allocate(Shape.CALL_STATE);
    while (true) {
      long result = invoke(state, arguments);
      if (result >= 0) {
        return result;
      }
      int errno = state.get(JAVA_INT, Shape.ERRNO);
      if (errno != EINTR) {
        throw new LinuxException(errno, operation);
      }
    }
  }

  private long invoke(MemorySegment state, long[] a) {
    try {
      long result =
          (long)
              Shape.HANDLE.invokeExact(
                  address(), state, at(a, 0), at(a, 1), at(a, 2), at(a, 3), at(a, 4), at(a, 5));
      return wide ? result : (int) result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("foreign call failed: " + symbol, e);
    }
  }

  private static long at(long[] arguments, int index) {
    return index < arguments.length ? arguments[index] : 0;
  }

  private MemorySegment address() {
    MemorySegment known = address;
    if (known == null) {
      known =
          Shape.LINKER
              .defaultLookup()
              .find(symbol)
              .orElseThrow(() -> new UnsatisfiedLinkError("libc has no function " + symbol));
      address = known;
    }
    return known;
  }

  static {
    if (ADDRESS.byteSize() != 8) {
      throw new UnsupportedOperationException("needs a 64-bit Linux");
    }
  }
}
