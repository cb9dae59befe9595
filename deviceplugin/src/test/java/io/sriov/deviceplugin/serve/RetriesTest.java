package io.sriov.deviceplugin.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class RetriesTest {

  private static final Duration FIRST = Duration.ofMillis(200);
  private final Retries retries = new Retries();

  @Test
  void waitsTwiceAsLongEachTimeUpToHalfAMinute() {
    long now = 0;
    var waits = new ArrayList<Long>();
    for (int i = 0; i < 10; i++) {
      retries.plan("nic", FIRST, now);
      long wait = retries.nanosUntil("nic", now).orElseThrow();
      waits.add(wait / 1_000_000);
      now += wait;
      retries.done("nic");
    }
    assertThat(waits)
        .containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 30000L, 30000L);
  }

  @Test
  void beginsAnewAfterAMinuteWithoutTrouble() {
    retries.plan("nic", FIRST, 0);
    retries.done("nic");
    long later = Duration.ofSeconds(61).toNanos();
    retries.plan("nic", FIRST, later);
    assertThat(retries.nanosUntil("nic", later)).contains(FIRST.toNanos());
  }

  @Test
  void plansOneOfferAtATime() {
    retries.plan("nic", FIRST, 0);
    retries.plan("nic", FIRST, 100);
    assertThat(retries.nanosUntil("nic", 100)).contains(FIRST.toNanos() - 100);
    assertThat(retries.isPlanned("nic")).isTrue();
    retries.done("nic");
    assertThat(retries.nanosUntil("nic", 100)).isEmpty();
    assertThat(retries.isPlanned("nic")).isFalse();
  }
}
