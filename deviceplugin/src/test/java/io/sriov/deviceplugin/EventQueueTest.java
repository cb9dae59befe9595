package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EventQueueTest {

  private static final Event VF = new Event.Functions(Set.of("0000:03:10.0"));
  private static final Event STOP = new Event.Stop(0);

  private final EventQueue queue = new EventQueue();

  @Test
  void isEmptyWhenTheWaitIsOver() throws InterruptedException {
    assertThat(queue.take(Optional.of(Duration.ofMillis(1)))).isEmpty();
  }

  @Test
  void givesAllThereAreInOrder() throws InterruptedException {
    queue.tell(VF);
    queue.tell(new Event.Carrier("ens1"));
    queue.tell(STOP);
    assertThat(queue.take(Optional.empty()))
        .isEqualTo(List.of(VF, new Event.Carrier("ens1"), STOP));
  }

  @Test
  @Timeout(30)
  void doesNotWaitForTheEndOfABurstThatDoesNotEnd() throws Exception {
    var goOn = new AtomicBoolean(true);
    var kernel =
        CompletableFuture.runAsync(() -> {
          while (goOn.get()) {
            queue.tell(VF);
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
          }
        });
    try {
      assertThat(queue.take(Optional.empty())).isNotEmpty().containsOnly(VF);
    } finally {
      goOn.set(false);
    }
    kernel.get(10, TimeUnit.SECONDS);
  }
}
