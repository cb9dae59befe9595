package io.sriov.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One active process among several, by a {@code coordination.k8s.io} Lease: held 15 s, renewed
 * every 2 s, given up by its holder after 10 s without success, so that two never act at once.
 */
public final class Leadership implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

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
    var election =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName(lease)
                    .withLock(new LeaseLock(namespace, lease, identity))
                    .withLeaseDuration(Duration.ofSeconds(15))
                    .withRenewDeadline(Duration.ofSeconds(10))
                    .withRetryPeriod(Duration.ofSeconds(2))
                    .withReleaseOnCancel(true)
                    .withLeaderCallbacks(
                        new LeaderCallbacks(
                            () -> {
                              log.atInfo().addKeyValue("lease", lease).log("Leading");
                              elected.complete(null);
                            },
                            onLost,
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

  /**
   * Waits until this process leads.
   *
   * @throws IllegalStateException if the election ended without it, e.g. by {@link #close}
   */
  public void await() throws InterruptedException {
    try {
      elected.get();
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      throw new IllegalStateException("leader election ended: " + e.getMessage(), e);
    }
  }

  /** Gives the lease back, so that the next leader need not wait for it to expire. */
  @Override
  public void close() {
    election.cancel(true);
  }
}
