package io.sriov.node.reconcile;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateStatus;
import io.sriov.kube.Events;
import io.sriov.kube.StatusPatch;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the NodeState's status on a thread of its own, so that a slow or absent API server never
 * holds up work on the host. Only the newest status counts: it is retried until the API server
 * takes it, and one that was not sent yet is dropped when a newer one comes.
 */
public final class StatusPublisher implements AutoCloseable {

  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Tries when others write at the same time. */
  private static final int ATTEMPTS = 5;

  /** Lists of the status that have other writers too. */
  private static final Set<String> SHARED = Set.of("conditions");

  private static final Logger log = LoggerFactory.getLogger(StatusPublisher.class);

  /** A status as a change of the one that is stored. */
  private record Wanted(
      SriovNetworkNodeState state, UnaryOperator<SriovNetworkNodeStateStatus> change) {}

  /** What is written at once: of the loop, and of others; at least one of them. */
  private record Work(@Nullable Wanted ofPass, @Nullable Wanted reported) {

    SriovNetworkNodeState state() {
      return ofPass != null ? ofPass.state() : Objects.requireNonNull(reported).state();
    }

    SriovNetworkNodeStateStatus over(SriovNetworkNodeStateStatus old) {
      SriovNetworkNodeStateStatus now = ofPass == null ? old : ofPass.change().apply(old);
      return reported == null ? now : reported.change().apply(now);
    }
  }

  private final KubernetesClient client;
  private final StatusPatch patch;
  private final Events events;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final java.util.concurrent.locks.Condition changed = lock.newCondition();
  private final Thread thread;
  private @Nullable Wanted wanted;
  private @Nullable Wanted reported;
  private @Nullable SriovNetworkNodeState written;
  private boolean closed;

  public StatusPublisher(KubernetesClient client, Events events, Clock clock) {
    this.client = client;
    this.patch = new StatusPatch(client);
    this.events = events;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("status").start(this::run);
  }

  /** Work on {@code state} begins; the last error stays until it is done. */
  void inProgress(SriovNetworkNodeState state) {
    want(
        state,
        old ->
            new SriovNetworkNodeStateStatus(
                old.interfaces(),
                old.bridges(),
                old.system(),
                Names.IN_PROGRESS,
                old.lastSyncError(),
                old.conditions()));
  }

  /**
   * A pass ended.
   *
   * @param generation of the NodeState that the pass was about
   */
  void publish(SriovNetworkNodeState state, long generation, Outcome outcome) {
    want(
        state,
        old -> {
          List<Condition> conditions =
              NodeConditions.of(outcome, generation, old.conditions(), clock);
          var now =
              new SriovNetworkNodeStateStatus(
                  StatusOf.interfaces(outcome.inventory()),
                  null,
                  StatusOf.system(outcome.inventory()),
                  outcome.syncStatus(),
                  outcome.lastSyncError(),
                  conditions);
          return StatusDifference.worthWriting(old, now) ? now : old;
        });
  }

  /** The host could not be read: what is known of it stays. */
  void failed(SriovNetworkNodeState state, long generation, String error) {
    want(
        state,
        old ->
            new SriovNetworkNodeStateStatus(
                old.interfaces(),
                old.bridges(),
                old.system(),
                Names.FAILED,
                error,
                NodeConditions.failed(error, generation, old.conditions(), clock)));
  }

  /**
   * What somebody beside the loop found out.
   *
   * @param condition of a type that only he writes; the time of its transition is set here
   */
  public void report(SriovNetworkNodeState state, Condition condition) {
    lock.lock();
    try {
      reported =
          new Wanted(
              state,
              old ->
                  new SriovNetworkNodeStateStatus(
                      old.interfaces(),
                      old.bridges(),
                      old.system(),
                      old.syncStatus(),
                      old.lastSyncError(),
                      NodeConditions.with(old.conditions(), condition, clock)));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void want(
      SriovNetworkNodeState state, UnaryOperator<SriovNetworkNodeStateStatus> change) {
    lock.lock();
    try {
      wanted = new Wanted(state, change);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        Work next = take();
        if (next == null) {
          return;
        }
        if (!write(next)) {
          keep(next);
        }
      }
    } catch (InterruptedException e) {
      log.debug("status thread ends");
    }
  }

  private @Nullable Work take() throws InterruptedException {
    lock.lock();
    try {
      while (wanted == null && reported == null && !closed) {
        changed.await();
      }
      if (wanted == null && reported == null) {
        return null;
      }
      var taken = new Work(wanted, reported);
      wanted = null;
      reported = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Tries {@code failed} again in a while, unless something newer comes. */
  private void keep(Work failed) throws InterruptedException {
    lock.lock();
    try {
      long left = RETRY.toNanos();
      while (wanted == null && reported == null && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (!closed) {
        wanted = wanted == null ? failed.ofPass() : wanted;
        reported = reported == null ? failed.reported() : reported;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether the matter is closed. */
  private boolean write(Work next) {
    SriovNetworkNodeState base = newest(next.state());
    for (int attempt = 1; ; attempt++) {
      try {
        SriovNetworkNodeStateStatus old = statusOf(base);
        long start = System.nanoTime();
        SriovNetworkNodeState now = patch.apply(base, next.over(old), SHARED);
        written = now;
        log.atDebug()
            .addKeyValue("ms", Duration.ofNanos(System.nanoTime() - start).toMillis())
            .log("status written: {}", statusOf(now).syncStatus());
        tell(old, now);
        return true;
      } catch (KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
          return true;
        }
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
          log.warn("status could not be written, it is tried again: {}", e.getMessage());
          return false;
        }
      }
      // The operator wrote meanwhile, perhaps conditions of its own.
      Optional<SriovNetworkNodeState> stored = stored(base);
      if (stored.isEmpty()) {
        return false;
      }
      base = stored.get();
    }
  }

  /** What the API server has; empty when it does not say. */
  private Optional<SriovNetworkNodeState> stored(SriovNetworkNodeState state) {
    try {
      return Optional.ofNullable(client.resource(state).get());
    } catch (KubernetesClientException e) {
      log.warn("status could not be read, it is tried again: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private void tell(SriovNetworkNodeStateStatus old, SriovNetworkNodeState written) {
    String before = orUnknown(old.syncStatus());
    SriovNetworkNodeStateStatus now = statusOf(written);
    if (!before.equals(orUnknown(now.syncStatus()))) {
      String error = Objects.requireNonNullElse(now.lastSyncError(), "");
      events.normal(
          written,
          "SyncStatusChanged",
          "StatusChange",
          "Status changed from: "
              + before
              + " to: "
              + orUnknown(now.syncStatus())
              + (error.isEmpty() ? "" : ". Last Error: " + error));
    }
  }

  /** Our own last write may not have come back through the watch yet. */
  private SriovNetworkNodeState newest(SriovNetworkNodeState seen) {
    SriovNetworkNodeState own = written;
    return own != null
            && Objects.equals(own.getMetadata().getUid(), seen.getMetadata().getUid())
            && version(own) > version(seen)
        ? own
        : seen;
  }

  private static long version(SriovNetworkNodeState state) {
    try {
      return Long.parseLong(
          Objects.requireNonNullElse(state.getMetadata().getResourceVersion(), "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static SriovNetworkNodeStateStatus statusOf(SriovNetworkNodeState state) {
    return state.getStatus() != null
        ? state.getStatus()
        : new SriovNetworkNodeStateStatus(List.of(), null, null, null, null, List.of());
  }

  private static String orUnknown(@Nullable String status) {
    return status == null || status.isEmpty() ? "Unknown" : status;
  }

  /** Sends what is still to be sent, within 2 s. */
  @Override
  public void close() throws InterruptedException {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!thread.join(Duration.ofSeconds(2))) {
      thread.interrupt();
    }
  }
}
