package io.sriov.node.reconcile;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What makes the loop look again. */
final class Wakeup {

  /** Why. */
  enum Cause {
    /** The desired state changed. */
    DESIRED,
    /** The device plugin's configuration changed. */
    PLUGIN_CONFIG,
    /** The kernel says that devices or links changed. */
    KERNEL,
    /** Nothing happened for long enough. */
    TIME
  }

  /** Kernel events come in bursts: this long without one ends a burst. */
  private static final Duration QUIET = Duration.ofMillis(100);

  /** A burst is not waited for longer than this. */
  private static final Duration LONGEST_BURST = Duration.ofSeconds(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private final EnumSet<Cause> causes = EnumSet.noneOf(Cause.class);
  private long kernelEvents;

  void wake(Cause cause) {
    lock.lock();
    try {
      causes.add(cause);
      if (cause == Cause.KERNEL) {
        kernelEvents++;
      }
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a cause, at most {@code atMost}.
   *
   * @param holdOff kernel events wake no earlier than this, so that the traces of our own steps do
   *     not make another pass at once; they are kept unless the desired state changes
   */
  Set<Cause> await(Duration atMost, Duration holdOff) throws InterruptedException {
    long start = System.nanoTime();
    long end = start + atMost.toNanos();
    long kernelFrom = start + holdOff.toNanos();
    lock.lock();
    try {
      while (!urgent()) {
        long now = System.nanoTime();
        boolean kernel = causes.contains(Cause.KERNEL);
        if (kernel && now >= kernelFrom) {
          awaitQuiet();
          break;
        }
        long until = kernel ? Math.min(end, kernelFrom) : end;
        if (now >= end) {
          causes.add(Cause.TIME);
          break;
        }
        long unused = woken.awaitNanos(Math.max(1, until - now));
      }
      var taken = EnumSet.copyOf(causes);
      if (!taken.contains(Cause.DESIRED) && System.nanoTime() < kernelFrom) {
        taken.remove(Cause.KERNEL);
      }
      causes.removeAll(taken);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private boolean urgent() {
    return causes.contains(Cause.DESIRED) || causes.contains(Cause.PLUGIN_CONFIG);
  }

  private void awaitQuiet() throws InterruptedException {
    long end = System.nanoTime() + LONGEST_BURST.toNanos();
    long seen = -1;
    while (!urgent() && seen != kernelEvents && System.nanoTime() < end) {
      seen = kernelEvents;
      long quietAt = System.nanoTime() + QUIET.toNanos();
      long left = QUIET.toNanos();
      while (!urgent() && kernelEvents == seen && left > 0) {
        left = quietAt - System.nanoTime();
        if (left > 0) {
          left = woken.awaitNanos(left);
        }
      }
    }
  }
}
