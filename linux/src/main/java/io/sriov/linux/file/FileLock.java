package io.sriov.linux.file;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An exclusive {@code flock(2)}. Java's own file locks are POSIX locks, which a holder of a flock
 * does not see; other programs that share our lock files use flock. Two locks of one file exclude
 * each other inside one process too.
 */
public final class FileLock implements AutoCloseable {

  private final Fd fd;

  private FileLock(Fd fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock, creating the file if needed (not its directory).
   *
   * @param mode permissions of a new file, e.g. {@code 0600}, reduced by the umask
   * @throws LinuxException ETIMEDOUT if others hold the lock all that time; else of open or flock
   */
  public static FileLock acquire(Path file, int mode, Duration timeout) throws LinuxException {
    Fd fd = Fd.open(file, Fd.READ_ONLY | Fd.CREATE, mode);
    String operation = "lock " + file;
    try {
      fd.tryFlock(operation);
      return new FileLock(fd);
    } catch (LinuxException e) {
      if (!e.is(Errno.EAGAIN)) {
        fd.close();
        throw e;
      }
    }
    return waitFor(fd, operation, timeout);
  }

  /** The kernel offers no deadline for flock, so a thread of its own waits for the grant. */
  private static FileLock waitFor(Fd fd, String operation, Duration timeout) throws LinuxException {
    CompletableFuture<FileLock> granted = new CompletableFuture<>();
    Thread unused =
        Thread.ofPlatform()
            .name("flock")
            .daemon()
            .start(() -> {
              try {
                fd.flock(operation);
                if (!granted.complete(new FileLock(fd))) {
                  // Nobody waits any more: closing gives the lock to the next.
                  fd.close();
                }
              } catch (LinuxException e) {
                fd.close();
                boolean told = granted.completeExceptionally(e);
                assert told || granted.isDone();
              }
            });
    LinuxException late =
        new LinuxException(
            Errno.ETIMEDOUT, operation, "held by another for " + timeout.toMillis() + " ms");
    try {
      return granted.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return abandoned(granted, late);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return abandoned(granted, new LinuxException(Errno.EINTR, operation));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LinuxException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    }
  }

  private static FileLock abandoned(CompletableFuture<FileLock> granted, LinuxException reason)
      throws LinuxException {
    if (granted.completeExceptionally(reason)) {
      throw reason;
    }
    // Granted, or failed, at the very last moment.
    try {
      return granted.join();
    } catch (java.util.concurrent.CompletionException e) {
      throw reason;
    }
  }

  /** Gives the lock back; the file stays, since removing it would let two holders in. */
  @Override
  public void close() {
    fd.close();
  }
}
