package io.sriov.node.audit;

import io.sriov.plan.audit.Ledger;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * When to look: a second after the last of the changes that the kernel or pods made, at the latest
 * five after the first of them, and not all the time.
 */
final class Cadence {

  /** What a wait ended with. */
  enum Wake {
    /** A look, for something changed. */
    CHANGED,
    /** A look, though nothing is known to have changed. */
    TIME,
    /** None any more. */
    END
  }

  /** One change comes with others, and who makes them is still at it. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  /** For changes that do not end. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Between two looks, also while pods come and go without end. */
  private static final Duration APART = Ledger.APART;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private long lastLook = System.nanoTime() - APART.toNanos();
  private long firstChange;
  private long lastChange;
  private boolean changed;
  private boolean closed;

  /** Something changed. */
  void changed() {
    lock.lock();
    try {
      lastChange = System.nanoTime();
      if (!changed) {
        changed = true;
        firstChange = lastChange;
        woken.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next look, at most {@code atMost}. */
  Wake await(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    lock.lock();
    try {
      while (!closed) {
        long now = System.nanoTime();
        long due =
            changed ? Math.min(end - now, due(firstChange, lastChange, lastLook) - now) : end - now;
        if (due <= 0) {
          break;
        }
        long unused = woken.awaitNanos(due);
      }
      Wake wake = closed ? Wake.END : changed ? Wake.CHANGED : Wake.TIME;
      changed = false;
      lastLook = System.nanoTime();
      return wake;
    } finally {
      lock.unlock();
    }
  }

  /** When to look after changes; all are times of {@code System.nanoTime}. */
  static long due(long firstChange, long lastChange, long lastLook) {
    long quiet =
        Math.min(QUIET.toNanos(), firstChange - lastChange + PATIENCE.toNanos()) + lastChange;
    long apart = lastLook + APART.toNanos();
    return quiet - apart > 0 ? quiet : apart;
  }
}
