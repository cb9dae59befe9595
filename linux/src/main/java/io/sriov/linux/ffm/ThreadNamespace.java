package io.sriov.linux.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.sriov.linux.LinuxException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Moves the calling thread to another network namespace. It must be a throw-away platform thread:
 * nobody moves it back.
 */
public final class ThreadNamespace {

  private static final int CLONE_NEWNET = 0x40000000;

  private static final class Setns {
    static final MethodHandle HANDLE =
        Native.function("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  }

  private static final class Unshare {
    static final MethodHandle HANDLE =
        Native.function("unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }

  private ThreadNamespace() {}

  /** {@code setns(2)} with CLONE_NEWNET; EINVAL if {@code namespace} is not a network namespace. */
  public static void enterNetwork(Fd namespace) throws LinuxException {
    requirePlatformThread();
    int fd = namespace.number();
    long unused =
        Native.call(
            "enter network namespace",
            (arena, state) -> (int) Setns.HANDLE.invokeExact(state, fd, CLONE_NEWNET));
  }

  /** {@code unshare(2)} with CLONE_NEWNET. */
  public static void unshareNetwork() throws LinuxException {
    requirePlatformThread();
    long unused =
        Native.call(
            "create network namespace",
            (arena, state) -> (int) Unshare.HANDLE.invokeExact(state, CLONE_NEWNET));
  }

  private static void requirePlatformThread() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread would move its carrier thread");
    }
  }
}
