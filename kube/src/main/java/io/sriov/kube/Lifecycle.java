package io.sriov.kube;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * From start to exit code: SIGTERM or SIGINT end the process in order with code 0, a failed part
 * with code 1, a second signal at once with code 1 (spec 02 §1.2).
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   System.exit(Lifecycle.run("sriov-network-operator", lifecycle -> {
 *     var client = lifecycle.closeAtEnd(ClusterClient.open(…));
 *     …
 *   }));
 * }
 * }</pre>
 */
public final class Lifecycle {

  /** Starts the parts of a process; returns when they run. */
  @FunctionalInterface
  public interface Start {
    void parts(Lifecycle lifecycle) throws Exception;
  }

  private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

  /** What the kubelet allows between SIGTERM and SIGKILL unless the pod says otherwise. */
  private static final long GRACE_SECONDS = 30;

  private final CompletableFuture<Integer> end = new CompletableFuture<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Thread starter = Thread.currentThread();
  private volatile boolean starting = true;

  private final Runnable ending;

  /**
   * @param ending called when the end begins, before parts are closed
   */
  Lifecycle(Runnable ending) {
    this.ending = ending;
  }

  /**
   * Starts the parts, waits for a signal or a failure, closes the parts in reverse order.
   *
   * @return exit code of the process
   */
  public static int run(String process, Start start) {
    var lifecycle = new Lifecycle(Lifecycle::haltAfterGrace);
    for (var name : new String[] {"TERM", "INT"}) {
      Signal.handle(new Signal(name), signal -> lifecycle.signalled(signal.getName()));
    }
    return lifecycle.runUntilEnd(process, start);
  }

  /** The part is closed when the process ends, later parts first. */
  public synchronized <T extends AutoCloseable> T closeAtEnd(T part) {
    parts.push(part);
    return part;
  }

  /** Ends the process with code 0, as a signal does. */
  public void stop() {
    end.complete(0);
  }

  /** Ends the process with code 1 because {@code part} cannot go on. */
  public void fail(String part, Throwable cause) {
    if (end.complete(1)) {
      log.atError().addKeyValue("part", part).setCause(cause).log("Ending: a part failed");
      if (starting && Thread.currentThread() != starter) {
        starter.interrupt();
      }
    }
  }

  int runUntilEnd(String process, Start start) {
    try {
      start.parts(this);
    } catch (SettingException e) {
      log.atError().log("{} does not start: {}", process, e.getMessage());
      end.complete(1);
    } catch (Exception e) {
      if (end.complete(1)) {
        log.atError().setCause(e).log("{} does not start", process);
      }
    } finally {
      starting = false;
      // Who interrupted the start has been heard; closing the parts may have to wait.
      boolean unused = Thread.interrupted();
    }
    int code = end.join();
    ending.run();
    closeParts();
    log.info("{} ended with code {}", process, code);
    return code;
  }

  /** A part that hangs while it closes must not keep the pod from ending. */
  private static void haltAfterGrace() {
    CompletableFuture.delayedExecutor(GRACE_SECONDS, TimeUnit.SECONDS)
        .execute(() -> Runtime.getRuntime().halt(1));
  }

  private void signalled(String signal) {
    if (end.complete(0)) {
      log.info("SIG{}: ending", signal);
      if (starting) {
        starter.interrupt();
      }
    } else {
      Runtime.getRuntime().halt(1);
    }
  }

  private synchronized void closeParts() {
    while (!parts.isEmpty()) {
      var part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.atWarn().setCause(e).log("Closing {} failed", part.getClass().getSimpleName());
      }
    }
  }
}
