package io.sriov.linux.ffm;

import io.sriov.linux.LinuxException;

/** What a process does to itself. */
public final class ThisProcess {

  private static final int SIGQUIT = 3;

  private ThisProcess() {}

  /**
   * Has the JVM write what every thread is at to standard output (SIGQUIT by {@code kill(2)}); that
   * is done by a thread of the JVM, shortly after the return.
   */
  public static void showThreads() throws LinuxException {
    long unused = Libc.KILL.call("send SIGQUIT to itself", ProcessHandle.current().pid(), SIGQUIT);
  }
}
