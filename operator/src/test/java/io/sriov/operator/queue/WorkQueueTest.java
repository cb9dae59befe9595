package io.sriov.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.testkit.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkQueueTest {

  private final QueueMetrics metrics = new QueueMetrics(new PrometheusRegistry());
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());

  private WorkQueue<String> queue(int workers, WorkQueue.Reconciler<String> reconciler) {
    return new WorkQueue<>("test", workers, metrics, reconciler);
  }

  /** Node and node state of one name are one key. */
  @Test
  @Spec("02:154")
  void aKeyAddedWhileItRunsRunsOnceMoreAndNeverTwiceAtOnce() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (WorkQueue<String> queue =
        queue(
            4,
            key -> {
              most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
              running.countDown();
              go.await();
              done.add(key);
              atOnce.decrementAndGet();
              return Next.EVENT;
            })) {
      queue.add("a");
      running.await();
      for (int i = 0; i < 10; i++) {
        queue.add("a");
      }
      go.countDown();
      await().until(() -> done.size() == 2);
    }
    assertThat(done).containsExactly("a", "a");
    assertThat(most).hasValue(1);
  }

  @Test
  void ofTwoMomentsTheEarlierCounts() {
    try (WorkQueue<String> queue =
        queue(
            1,
            key -> {
              done.add(key);
              return Next.EVENT;
            })) {
      queue.addAfter("a", Duration.ofHours(1));
      queue.addAfter("a", Duration.ofMillis(20));
      queue.addAfter("a", Duration.ofHours(1));

      await().until(() -> done.size() == 1);
    }
  }

  @Test
  void differentKeysRunBesideEachOther() {
    CountDownLatch both = new CountDownLatch(2);
    try (WorkQueue<String> queue =
        queue(
            2,
            key -> {
              both.countDown();
              both.await();
              done.add(key);
              return Next.EVENT;
            })) {
      queue.add("a");
      queue.add("b");
      await().until(() -> done.size() == 2);
    }
  }

  @Test
  void aFailureIsTriedAgainUntilItSucceeds() {
    AtomicInteger tries = new AtomicInteger();
    try (WorkQueue<String> queue =
        queue(
            1,
            key -> {
              if (tries.incrementAndGet() < 4) {
                throw new IllegalStateException("not yet");
              }
              done.add(key);
              return Next.EVENT;
            })) {
      queue.add("a");
      await().until(() -> done.size() == 1);
    }
    assertThat(tries).hasValue(4);
  }

  @Test
  void whatIsToBeLookedAtLaterIsLookedAtEarlierWhenSomethingHappens() {
    try (WorkQueue<String> queue =
        queue(
            1,
            key -> {
              done.add(key);
              return Next.in(Duration.ofHours(1));
            })) {
      queue.add("a");
      await().until(() -> done.size() == 1);
      queue.add("a");
      await().until(() -> done.size() == 2);
    }
  }

  @Test
  void pausesDoubleUpToAMinute() {
    assertThat(Backoff.after(1)).hasMillis(5);
    assertThat(Backoff.after(2)).hasMillis(10);
    assertThat(Backoff.after(5)).hasMillis(80);
    assertThat(Backoff.after(100)).hasMinutes(1);
  }
}
