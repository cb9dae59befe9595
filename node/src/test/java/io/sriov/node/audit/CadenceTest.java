package io.sriov.node.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CadenceTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final Cadence cadence = new Cadence();

  private Duration await(Duration atMost) throws InterruptedException {
    long start = System.nanoTime();
    assertThat(cadence.await(atMost)).isNotEqualTo(Cadence.Wake.END);
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

  @Test
  void saysWhetherSomethingChanged() throws InterruptedException {
    assertThat(cadence.await(Duration.ZERO)).isEqualTo(Cadence.Wake.TIME);
    cadence.changed();
    assertThat(cadence.await(Duration.ZERO)).isEqualTo(Cadence.Wake.CHANGED);
    assertThat(cadence.await(Duration.ZERO)).isEqualTo(Cadence.Wake.TIME);
  }

  /** While VFs are made one change follows the other, and a look would only be in the way. */
  @Test
  void waitsForTheEndOfChangesButNotForEver() {
    assertThat(Cadence.due(seconds(100), seconds(100), seconds(50))).isEqualTo(seconds(101));
    assertThat(Cadence.due(seconds(100), seconds(103), seconds(50))).isEqualTo(seconds(104));
    assertThat(Cadence.due(seconds(100), seconds(104), seconds(50))).isEqualTo(seconds(105));
    assertThat(Cadence.due(seconds(100), seconds(109), seconds(50))).isEqualTo(seconds(105));
  }

  @Test
  void looksAreApart() {
    assertThat(Cadence.due(seconds(100), seconds(100), seconds(99))).isEqualTo(seconds(104));
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
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
    assertThat(looking.get(10, TimeUnit.SECONDS)).isEqualTo(Cadence.Wake.END);
  }
}
