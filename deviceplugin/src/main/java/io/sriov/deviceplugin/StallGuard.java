package io.sriov.deviceplugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.ThisProcess;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices a loop that hangs, and shows the threads of the process, so that the log says where. A
 * process that has served nothing yet then ends and is started anew by the kubelet: it cannot get
 * worse. One that serves goes on: allocations do not need the loop, and a new process would look at
 * the same file that does not answer.
 */
final class StallGuard {

  /** What one step of the loop may take: a question to a driver that answers takes seconds. */
  static final Duration LIMIT = Duration.ofMinutes(2);

  /** The JVM writes its threads on a thread of its own. */
  private static final Duration THREADS_SHOWN = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(StallGuard.class);

  private StallGuard() {}

  /**
   * Looks from now on, on a daemon thread.
   *
   * @param busy how long the loop has been at its step; empty while it waits for something to do
   * @param hangs called once, when that is longer than {@code limit} and still is a little later:
   *     of a process that was frozen meanwhile it is no longer
   */
  static void watch(Supplier<Optional<Duration>> busy, Duration limit, Runnable hangs) {
    Thread unused =
        Thread.ofPlatform()
            .name("stall-guard")
            .daemon()
            .start(() -> {
              try {
                boolean before = false;
                while (true) {
                  boolean now = busy.get().filter(time -> time.compareTo(limit) > 0).isPresent();
                  if (now && before) {
                    hangs.run();
                    return;
                  }
                  before = now;
                  Thread.sleep(limit.dividedBy(10));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /**
   * Shows the threads on standard output and ends the process with code 1 unless it serves.
   *
   * @param serves whether the kubelet has been able to know a pool
   */
  static void report(BooleanSupplier serves) {
    var threads = showThreads();
    boolean ends = !serves.getAsBoolean();
    try {
      // On a thread of its own: the logger may be what hangs.
      Thread unused =
          Thread.ofPlatform()
              .daemon()
              .start(() ->
                  log.error(
                      "A step of the loop has taken more than {} s; {}; {}",
                      LIMIT.toSeconds(),
                      ends
                          ? "ending, so that the kubelet starts this anew"
                          : "what is served is served on",
                      threads));
      if (ends) {
        Thread.sleep(THREADS_SHOWN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (ends) {
        // Without shutdown hooks, which may hang as well.
        Runtime.getRuntime().halt(1);
      }
    }
  }

  private static String showThreads() {
    try {
      ThisProcess.showThreads();
      return "its threads are on standard output";
    } catch (LinuxException e) {
      return "its threads cannot be shown: " + e.getMessage();
    }
  }
}
