package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The order in which netdevs change their namespace. The kernel moves them one after the other
 * anyway, and for each waits until memory that was given back anywhere before is free ({@code
 * rcu_barrier} in {@code dev_change_net_namespace}). Whatever happens between two moves – a file is
 * written, a socket closed – makes the second one wait a tick or two longer. So those that come
 * while others move wait for these, then ask the kernel for their moves in a row, and only then do
 * what follows. A row is half of those that wait: that way the first calls of a burst end early,
 * and few have still to end after the last move ({@code cni/bench/run}). A call that is alone never
 * waits.
 */
public final class Moves {

  /** Longest wait of one that has moved for the rest of its row. */
  private static final Duration ROW_LIMIT = Duration.ofSeconds(1);

  /** From so few on all go in one row. */
  private static final int FEW = 4;

  private final Duration rowLimit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rowEnded = lock.newCondition();
  private final Queue<Turn> queue = new ArrayDeque<>();
  private int leftInRow;
  private long rows;

  /** Moves of one host. */
  public Moves() {
    this(ROW_LIMIT);
  }

  Moves(Duration rowLimit) {
    this.rowLimit = rowLimit;
  }

  /** A call that waits for its row. */
  private final class Turn {
    /** One for each: to wake all whenever one has moved would be what happens between two moves. */
    final Condition changed = lock.newCondition();

    boolean come;
  }

  /** A move by netlink. */
  @FunctionalInterface
  public interface Move {

    /** Makes it. */
    void make() throws LinuxException;
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
      if (leftInRow == 0) {
        startRow();
      }
      while (!turn.come) {
        turn.changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void startRow() {
    leftInRow = Math.min(Math.max(FEW, (queue.size() + 1) / 2), queue.size());
    for (int i = 0; i < leftInRow; i++) {
      Turn turn = queue.remove();
      turn.come = true;
      turn.changed.signal();
    }
  }

  private void awaitRow() {
    lock.lock();
    try {
      if (--leftInRow == 0) {
        rows++;
        rowEnded.signalAll();
        if (!queue.isEmpty()) {
          startRow();
        }
        return;
      }
      long row = rows;
      long left = rowLimit.toNanos();
      while (rows == row && left > 0) {
        left = rowEnded.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
