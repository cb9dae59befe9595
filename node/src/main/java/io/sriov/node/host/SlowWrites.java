package io.sriov.node.host;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Writes during which a driver works, and may hang. One that does not come back in time fails, and
 * goes on in its thread: the kernel cannot be stopped. Meanwhile its PF must not even be read,
 * because {@code sriov_numvfs} waits for the same lock of the kernel.
 */
final class SlowWrites implements AutoCloseable {

  @FunctionalInterface
  interface Write {
    void run() throws IOException;
  }

  /** One write; its monitor guards whether it is among those that hang. */
  private static final class Running {
    final PciAddress pf;
    final String text;
    final Instant since;
    boolean done;

    Running(PciAddress pf, String text, Instant since) {
      this.pf = pf;
      this.text = text;
      this.since = since;
    }
  }

  private final Duration atMost;
  private final Clock clock;
  private final Runnable cameBack;
  private final Set<Running> hanging = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("write-", 0).factory());

  /**
   * @param atMost a write may take
   * @param cameBack run when one that took longer is through
   */
  SlowWrites(Duration atMost, Clock clock, Runnable cameBack) {
    this.atMost = atMost;
    this.clock = clock;
    this.cameBack = cameBack;
  }

  /**
   * Runs {@code write}.
   *
   * @param text what is written, for people
   * @throws LinuxException ETIMEDOUT when it is not back in time
   */
  void run(PciAddress pf, String text, Write write) throws IOException {
    var entry = new Running(pf, text, clock.instant().truncatedTo(ChronoUnit.SECONDS));
    Future<@Nullable Void> running =
        threads.submit(() -> {
          try {
            write.run();
          } finally {
            end(entry);
          }
          return null;
        });
    try {
      running.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      synchronized (entry) {
        if (!entry.done) {
          hanging.add(entry);
        }
      }
      throw new LinuxException(
          Errno.ETIMEDOUT, text, "not back after " + atMost.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw rethrown(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LinuxException(Errno.EINTR, text);
    }
  }

  private void end(Running entry) {
    boolean late;
    synchronized (entry) {
      entry.done = true;
      late = hanging.remove(entry);
    }
    if (late) {
      cameBack.run();
    }
  }

  /** The oldest write on the PF that should be back and is not, and since when it runs. */
  Optional<String> hanging(PciAddress pf) {
    return hanging.stream()
        .filter(entry -> entry.pf.equals(pf))
        .min(Comparator.comparing(entry -> entry.since))
        .map(entry -> entry.text + ", since " + entry.since);
  }

  private static IOException rethrown(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException defect) {
      throw defect;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
