package io.sriov.node.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CadenceTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final Cadence cadence = new Cadence();

  private Duration await(Duration atMost) throws InterruptedException {
    long start = System.nanoTime();
    assertThat(cadence.await(atMost)).isTrue();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void looksWhenNothingHappensForLongEnough() throws InterruptedException {
    assertThat(await(Duration.ofMillis(20))).isGreaterThanOrEqualTo(Duration.ofMillis(20));
  }

  @Test
  @Timeout(30)
  void looksASecondAfterAChange() throws InterruptedException {
    cadence.changed();
    cadence.changed();
    assertThat(await(LONG)).isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
  }

  /** While VFs are made one change follows the other, and a look would only be in the way. */
  @Test
  @Timeout(60)
  void waitsForTheEndOfChangesButNotForEver() throws Exception {
    var goOn = new AtomicBoolean(true);
    var changes =
        CompletableFuture.runAsync(() -> {
          while (goOn.get()) {
            cadence.changed();
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
          }
        });
    try {
      assertThat(await(LONG)).isBetween(Duration.ofMillis(4900), Duration.ofSeconds(30));
    } finally {
      goOn.set(false);
    }
    changes.get(10, TimeUnit.SECONDS);
  }

  @Test
  void aChangeDoesNotPutTheNextLookOff() throws InterruptedException {
    assertThat(await(Duration.ZERO)).isLessThan(Duration.ofSeconds(1));
    cadence.changed();
    assertThat(await(Duration.ofMillis(50))).isLessThan(Duration.ofMillis(900));
  }

  @Test
  @Timeout(30)
  void endsAtOnce() throws Exception {
    var looking =
        CompletableFuture.supplyAsync(() -> {
          try {
            return cadence.await(LONG);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    cadence.close();
    assertThat(looking.get(10, TimeUnit.SECONDS)).isFalse();
  }
}
