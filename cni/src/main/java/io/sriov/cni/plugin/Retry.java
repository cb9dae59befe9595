package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Tries again what a driver does in its own time; there is no event to wait for. */
public final class Retry {

  private static final Duration PAUSE = Duration.ofMillis(100);

  private Retry() {}

  /** An attempt: whether it is done. */
  @FunctionalInterface
  public interface Attempt {
    boolean succeeds() throws LinuxException;
  }

  /**
   * Tries until an attempt succeeds.
   *
   * @return false if it never did
   * @throws LinuxException of the last attempt
   */
  public static boolean within(Duration limit, Attempt attempt) throws LinuxException {
    return within(limit, PAUSE, attempt);
  }

  public static boolean within(Duration limit, Duration pause, Attempt attempt)
      throws LinuxException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      boolean last = System.nanoTime() - deadline >= 0;
      try {
        if (attempt.succeeds()) {
          return true;
        }
        if (last) {
          return false;
        }
      } catch (LinuxException e) {
        if (last) {
          throw e;
        }
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }
}
