package io.sriov.deviceplugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.ThisProcess;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process whose loop hangs: the kubelet starts it anew, which costs running pods nothing,
 * while a plugin that hangs takes every device of the node from the pods to come. Before its end
 * the threads are shown, so that the log says where it hung.
 */
final class StallGuard {

  /**
   * Longer than anything the loop waits for by itself, seconds, and than a card's driver keeps a
   * question about it waiting while it makes VFs.
   */
  static final Duration LIMIT = Duration.ofMinutes(2);

  /** The JVM writes its threads on a thread of its own. */
  private static final Duration THREADS_SHOWN = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(StallGuard.class);

  private StallGuard() {}

  /**
   * Looks from now on, on a daemon thread.
   *
   * @param busy how long the loop has been at what it does now; empty while it waits for something
   *     to do
   * @param hangs called once, when that is longer than {@code limit}
   */
  static void watch(Supplier<Optional<Duration>> busy, Duration limit, Runnable hangs) {
    Thread unused =
        Thread.ofPlatform()
            .name("stall-guard")
            .daemon()
            .start(() -> {
              try {
                while (busy.get().filter(time -> time.compareTo(limit) > 0).isEmpty()) {
                  Thread.sleep(limit.dividedBy(10));
                }
                hangs.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** Shows the threads on standard output and ends the process with code 1. */
  static void end() {
    // The logger may be what hangs.
    Thread unused =
        Thread.ofPlatform()
            .daemon()
            .start(() ->
                log.error(
                    "One round of the loop has taken more than {} s; ending. Its threads are on standard output",
                    LIMIT.toSeconds()));
    try {
      ThisProcess.showThreads();
      Thread.sleep(THREADS_SHOWN);
    } catch (LinuxException e) {
      log.error("{}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      // Without shutdown hooks, which may hang as well.
      Runtime.getRuntime().halt(1);
    }
  }
}
