package io.sriov.linux.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.sriov.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Finds and calls functions of libc. Handles are created by the classes that use them when those
 * are first touched: every one costs milliseconds in a fresh JVM.
 */
final class Native {

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
  private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO_OFFSET =
      CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final int EINTR = 4;

  private Native() {}

  /** One call; the segment receives errno, the arena lives as long as the call. */
  interface Call {
    long invoke(Arena arena, MemorySegment callState) throws Throwable;
  }

  /** A function whose first parameter is the segment that receives errno. */
  static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(address(name), descriptor, CAPTURE_ERRNO);
  }

  /** As {@link #function} for a C function with {@code ...} after {@code fixed} parameters. */
  static MethodHandle variadic(String name, int fixed, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        address(name), descriptor, CAPTURE_ERRNO, Linker.Option.firstVariadicArg(fixed));
  }

  /**
   * The result of a call that reports failure by a negative value and errno. Repeated while a
   * signal interrupts it.
   *
   * @param operation text of the error
   */
  static long call(String operation, Call call) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      while (true) {
        long result = call.invoke(arena, state);
        if (result >= 0) {
          return result;
        }
        int errno = state.get(JAVA_INT, ERRNO_OFFSET);
        if (errno != EINTR) {
          throw new LinuxException(errno, operation);
        }
      }
    } catch (LinuxException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("foreign call failed: " + operation, e);
    }
  }

  private static MemorySegment address(String name) {
    return LINKER
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("libc has no function " + name));
  }
}
