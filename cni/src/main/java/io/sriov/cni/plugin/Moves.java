package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The order in which netdevs change their namespace. The kernel moves them one after the other
 * anyway, and for each waits until memory that was given back anywhere before is free ({@code
 * rcu_barrier} in {@code dev_change_net_namespace}). Whatever happens between two moves – a file is
 * written, a socket closed – makes the second one wait a tick or two longer. So calls that come
 * together first do what precedes a move, then ask the kernel for their moves in rows, and then do
 * what follows. In a burst of 50 ADDs the mean is lower by a tenth for it, and the last one ends a
 * twentieth earlier ({@code cni/bench/run}). A call that is alone never waits.
 */
public final class Moves {

  /** Moves in a row of a burst: the longer, the sooner the last ends, and the later the first. */
  private static final int LONG_ROW = 17;

  /** From so many on it is a burst. */
  private static final int BURST = 13;

  /** Moves in a row of a few calls. */
  private static final int SHORT_ROW = 4;

  /** Longest wait for other calls to come as far, counted from their begin. */
  private static final Duration GATHER = Duration.ofMillis(100);

  /** Longest wait of one that has moved for the rest of its row. */
  private static final Duration ROW_LIMIT = Duration.ofSeconds(1);

  private final Duration gather;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Thread, Long> coming = new HashMap<>();
  private final Queue<Turn> queue = new ArrayDeque<>();
  private int leftInRow;

  /** Until nobody waits any more. */
  private boolean burst;

  /** Moves of one host. */
  public Moves() {
    this(GATHER);
  }

  Moves(Duration gather) {
    this.gather = gather;
  }

  /** A call that waits for its row. */
  private static final class Turn {
    boolean come;
  }

  /** A move by netlink. */
  @FunctionalInterface
  public interface Move {

    /** Makes it. */
    void make() throws LinuxException;
  }

  /** A call by the current thread that may make a move. */
  public final class Coming implements AutoCloseable {

    private Coming() {}

    /** The call has ended. */
    @Override
    public void close() {
      lock.lock();
      try {
        arrived();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Tells that the current thread will make a move soon. */
  public Coming expect() {
    lock.lock();
    try {
      coming.put(Thread.currentThread(), System.nanoTime());
    } finally {
      lock.unlock();
    }
    return new Coming();
  }

  /** Makes a move when it is its turn. */
  public void make(Move move) throws LinuxException {
    awaitTurn();
    try {
      move.make();
    } finally {
      awaitRow();
    }
  }

  private void awaitTurn() {
    Turn turn = new Turn();
    lock.lock();
    try {
      queue.add(turn);
      arrived();
      while (!turn.come && (queue.peek() != turn || leftInRow > 0)) {
        changed.awaitUninterruptibly();
      }
      // At the head of the queue: whoever comes meanwhile is behind, and in the same row.
      long wait = gatherTime();
      while (!turn.come && wait > 0 && awaitNanos(wait)) {
        wait = gatherTime();
      }
      if (!turn.come) {
        startRow();
      }
    } finally {
      lock.unlock();
    }
  }

  private void startRow() {
    burst |= queue.size() >= BURST;
    leftInRow = Math.min(burst ? LONG_ROW : SHORT_ROW, queue.size());
    for (int i = 0; i < leftInRow; i++) {
      queue.remove().come = true;
    }
    burst &= !queue.isEmpty();
    changed.signalAll();
  }

  private void awaitRow() {
    lock.lock();
    try {
      leftInRow--;
      changed.signalAll();
      long end = System.nanoTime() + ROW_LIMIT.toNanos();
      long wait = ROW_LIMIT.toNanos();
      while (leftInRow > 0 && wait > 0 && awaitNanos(wait)) {
        wait = end - System.nanoTime();
      }
    } finally {
      lock.unlock();
    }
  }

  private void arrived() {
    if (coming.remove(Thread.currentThread()) != null) {
      changed.signalAll();
    }
  }

  /** Nanoseconds until none has to be waited for any more. */
  private long gatherTime() {
    long now = System.nanoTime();
    long longest = 0;
    for (long since : coming.values()) {
      longest = Math.max(longest, since + gather.toNanos() - now);
    }
    return longest;
  }

  /** Whether to go on waiting. */
  private boolean awaitNanos(long nanos) {
    try {
      long unused = changed.awaitNanos(nanos);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
