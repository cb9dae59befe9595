package io.sriov.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.node.reconcile.Wakeup.Cause;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WakeupTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final Wakeup wakeup = new Wakeup();

  @Test
  void aChangeOfTheDesiredStateDoesNotWaitForAnything() throws Exception {
    wakeup.wake(Cause.KERNEL);
    wakeup.wake(Cause.DESIRED);
    long start = System.nanoTime();
    assertThat(wakeup.await(LONG, LONG)).containsOnly(Cause.KERNEL, Cause.DESIRED);
    assertThat(System.nanoTime() - start).isLessThan(Duration.ofMillis(90).toNanos());
  }

  @Test
  void aBurstOfKernelEventsWakesOnce() throws Exception {
    for (int i = 0; i < 50; i++) {
      wakeup.wake(Cause.KERNEL);
    }
    assertThat(wakeup.await(LONG, Duration.ZERO)).containsOnly(Cause.KERNEL);
    assertThat(wakeup.await(Duration.ofMillis(1), Duration.ZERO)).containsOnly(Cause.TIME);
  }

  @Test
  void theTracesOfAFailedStepDoNotWakeBeforeTheRetry() throws Exception {
    wakeup.wake(Cause.KERNEL);
    long start = System.nanoTime();
    wakeup.await(LONG, Duration.ofMillis(300));
    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(300).toNanos());
  }

  @Test
  void thePluginConfigurationDoesNotWaitForTheTracesOfOurStepsNorLosesThem() throws Exception {
    wakeup.wake(Cause.KERNEL);
    wakeup.wake(Cause.PLUGIN_CONFIG);
    assertThat(wakeup.await(LONG, LONG)).containsOnly(Cause.PLUGIN_CONFIG);
    assertThat(wakeup.await(LONG, Duration.ofMillis(1))).containsOnly(Cause.KERNEL);
  }

  @Test
  void somebodyWhoComesLateIsHeardToo() throws Exception {
    Thread unused = Thread.ofVirtual().start(() -> wakeup.wake(Cause.PLUGIN_CONFIG));
    assertThat(wakeup.await(LONG, Duration.ZERO)).contains(Cause.PLUGIN_CONFIG);
  }
}
