package io.sriov.operator.queue;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Reconciles keys: different ones at the same time, one key never twice at once, a key that is
 * added while it is being reconciled once more afterwards. The first event runs at once, later ones
 * coalesce by themselves. What fails is tried again with a growing pause.
 */
public final class WorkQueue<K> implements AutoCloseable {

  /** Brings the world to what {@code key} asks for; an exception means "again later". */
  @FunctionalInterface
  public interface Reconciler<K> {
    Next reconcile(K key) throws Exception;
  }

  /** State of a key that waits, runs, or has failed. */
  private static final class Slot {
    boolean running;
    boolean wanted;
    int failures;
    @Nullable ScheduledFuture<?> timer;
  }

  private static final Logger log = LoggerFactory.getLogger(WorkQueue.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final String name;
  private final Reconciler<K> reconciler;
  private final QueueMetrics metrics;
  private final Semaphore workers;
  private final Map<K, Slot> slots = new HashMap<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledThreadPoolExecutor timers;

  /**
   * @param name of the controller, in logs and metrics
   * @param workers how many keys are reconciled at the same time
   */
  public WorkQueue(String name, int workers, QueueMetrics metrics, Reconciler<K> reconciler) {
    this.name = name;
    this.reconciler = reconciler;
    this.metrics = metrics;
    this.workers = new Semaphore(workers);
    this.timers =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("timers-" + name).factory());
    timers.setRemoveOnCancelPolicy(true);
  }

  /** Reconciles {@code key} as soon as a worker is free. */
  public synchronized void add(K key) {
    Slot slot = slots.computeIfAbsent(key, _ -> new Slot());
    cancelTimer(slot);
    if (slot.wanted) {
      return;
    }
    slot.wanted = true;
    if (!slot.running) {
      submit(key);
    }
  }

  /** Reconciles {@code key} after {@code delay} unless it is due earlier. */
  public synchronized void addAfter(K key, Duration delay) {
    Slot slot = slots.computeIfAbsent(key, _ -> new Slot());
    if (slot.wanted || dueWithin(slot, delay)) {
      return;
    }
    cancelTimer(slot);
    try {
      slot.timer = timers.schedule(() -> due(key), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("{}: closed, {} is not looked at again", name, key);
    }
  }

  private static boolean dueWithin(Slot slot, Duration delay) {
    return slot.timer != null && slot.timer.getDelay(TimeUnit.MILLISECONDS) <= delay.toMillis();
  }

  private synchronized void due(K key) {
    Slot slot = slots.get(key);
    if (slot != null) {
      slot.timer = null;
    }
    add(key);
  }

  private void submit(K key) {
    try {
      executor.execute(() -> run(key));
    } catch (RejectedExecutionException e) {
      log.debug("{}: closed, {} is not reconciled", name, key);
    }
  }

  private void run(K key) {
    try {
      workers.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      begin(key);
      long started = System.nanoTime();
      try {
        Next next = reconciler.reconcile(key);
        metrics.reconciled(name, started, next.after().isPresent() ? "requeue_after" : "success");
        end(key, next);
      } catch (Exception | Error e) {
        // Whatever it was: a key that is left running would never be looked at again.
        metrics.reconciled(name, started, "error");
        failed(key, e);
      }
    } finally {
      workers.release();
    }
  }

  private synchronized void begin(K key) {
    Slot slot = slots.computeIfAbsent(key, _ -> new Slot());
    slot.wanted = false;
    slot.running = true;
  }

  private synchronized void end(K key, Next next) {
    Slot slot = slots.computeIfAbsent(key, _ -> new Slot());
    slot.running = false;
    slot.failures = 0;
    if (slot.wanted) {
      submit(key);
    } else if (next.after().isPresent()) {
      addAfter(key, next.after().get());
    } else {
      slots.remove(key);
    }
  }

  private synchronized void failed(K key, Throwable cause) {
    Slot slot = slots.computeIfAbsent(key, _ -> new Slot());
    slot.running = false;
    slot.failures++;
    Duration pause = Backoff.after(slot.failures);
    // Somebody wrote in between: the next try sees it.
    boolean conflict = cause instanceof KubernetesClientException e && e.getCode() == 409;
    log.atLevel(conflict ? Level.DEBUG : Level.WARN)
        .addKeyValue("controller", name)
        .addKeyValue("key", key)
        .addKeyValue("failures", slot.failures)
        .addKeyValue("retryInMillis", pause.toMillis())
        .log("Reconcile failed: {}", cause.toString());
    log.debug("Cause", cause);
    // Also when the key was added meanwhile: an API server that refuses must not be hammered.
    slot.wanted = false;
    cancelTimer(slot);
    addAfter(key, pause);
  }

  private static void cancelTimer(Slot slot) {
    if (slot.timer != null) {
      slot.timer.cancel(false);
      slot.timer = null;
    }
  }

  /** Lets running reconciles finish, at most 10 s; nothing new starts. */
  @Override
  public void close() {
    timers.shutdownNow();
    executor.shutdown();
    try {
      if (!executor.awaitTermination(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
