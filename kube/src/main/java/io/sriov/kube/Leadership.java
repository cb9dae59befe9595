package io.sriov.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One active process among several, by a {@code coordination.k8s.io} Lease: held 40 s, renewed
 * every 3 s, given up by its holder when that failed for 28 s, and 5 s before it ends when a
 * renewal just hangs, so that two do not act at once as long as their clocks differ by less.
 */
public final class Leadership implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  private static final Duration DURATION = Duration.ofSeconds(40);
  private static final Duration DEADLINE = Duration.ofSeconds(28);
  private static final Duration PERIOD = Duration.ofSeconds(3);
  private static final Duration LIMIT = DURATION.minusSeconds(5);

  private final CompletableFuture<?> election;
  private final CompletableFuture<Void> elected;

  private Leadership(CompletableFuture<?> election, CompletableFuture<Void> elected) {
    this.election = election;
    this.elected = elected;
  }

  /**
   * Takes part in the election.
   *
   * @param identity unique among the candidates, e.g. the pod's name
   * @param onLost called once when leadership is lost or given up: stop acting, best by ending the
   *     process
   */
  public static Leadership contest(
      KubernetesClient client, String namespace, String lease, String identity, Runnable onLost) {
    var elected = new CompletableFuture<Void>();
    var held = new HeldLease(namespace, lease, identity);
    var over = new AtomicBoolean();
    Runnable end =
        () -> {
          if (over.compareAndSet(false, true)) {
            onLost.run();
          }
        };
    var election =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName(lease)
                    .withLock(held)
                    .withLeaseDuration(DURATION)
                    .withRenewDeadline(DEADLINE)
                    .withRetryPeriod(PERIOD)
                    .withReleaseOnCancel(true)
                    .withLeaderCallbacks(
                        new LeaderCallbacks(
                            () -> {
                              log.atInfo().addKeyValue("lease", lease).log("Leading");
                              elected.complete(null);
                              watch(held, over, end);
                            },
                            end,
                            leader -> {
                              if (leader != null && !leader.equals(identity)) {
                                log.atInfo()
                                    .addKeyValue("lease", lease)
                                    .addKeyValue("holder", leader)
                                    .log("Another process leads");
                              }
                            }))
                    .build())
            .build()
            .start();
    var unused =
        election.whenComplete((nothing, failure) -> {
          if (failure != null) {
            elected.completeExceptionally(failure);
          } else {
            elected.cancel(false);
          }
        });
    return new Leadership(election, elected);
  }

  /** A renewal that waits for its answer does not look at the time. */
  private static void watch(HeldLease held, AtomicBoolean over, Runnable end) {
    if (over.get()) {
      return;
    }
    Duration left = LIMIT.minus(held.age());
    if (left.isPositive()) {
      CompletableFuture.delayedExecutor(left.toMillis() + 1, TimeUnit.MILLISECONDS)
          .execute(() -> watch(held, over, end));
    } else {
      log.atWarn()
          .addKeyValue("seconds", LIMIT.toSeconds())
          .log("No renewal of the lease has succeeded; it is about to end");
      end.run();
    }
  }

  /**
   * Waits until this process leads.
   *
   * @throws IllegalStateException if the election ended without it, e.g. by {@link #close}
   */
  public void await() throws InterruptedException {
    try {
      elected.get();
    } catch (ExecutionException | CancellationException e) {
      throw new IllegalStateException("leader election ended: " + e.getMessage(), e);
    }
  }

  /** Gives the lease back, so that the next leader need not wait for it to expire. */
  @Override
  public void close() {
    election.cancel(true);
  }
}
