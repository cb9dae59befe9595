package io.sriov.linux.ffm;

import io.sriov.linux.LinuxException;

/**
 * Moves the calling thread to another network namespace. It must be a throw-away platform thread:
 * nobody moves it back.
 */
public final class ThreadNamespace {

  private static final int CLONE_NEWNET = 0x40000000;

  private ThreadNamespace() {}

  /** {@code setns(2)} with CLONE_NEWNET; EINVAL if {@code namespace} is not a network namespace. */
  public static void enterNetwork(Fd namespace) throws LinuxException {
    requirePlatformThread();
    long unused = Libc.SETNS.call("enter network namespace", namespace.number(), CLONE_NEWNET);
  }

  /** {@code unshare(2)} with CLONE_NEWNET. */
  public static void unshareNetwork() throws LinuxException {
    requirePlatformThread();
    long unused = Libc.UNSHARE.call("create network namespace", CLONE_NEWNET);
  }

  private static void requirePlatformThread() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread would move its carrier thread");
    }
  }
}
