package io.sriov.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MovesTest {

  /** Longer than a test may take: who waits for one that will not come never ends. */
  private final Moves moves = new Moves(Duration.ofHours(1));

  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> threads = new ArrayList<>();

  @Test
  void aCallAloneMovesAtOnceAsOftenAsItLikes() throws Exception {
    try (var _ = moves.expect()) {
      moves.make(() -> events.add("first"));
      moves.make(() -> events.add("second"));
    }
    moves.make(() -> events.add("unannounced"));
    assertThat(events).containsExactly("first", "second", "unannounced");
  }

  @Test
  void thoseThatComeTogetherMoveBeforeAnyOfThemGoesOn() throws Exception {
    CountDownLatch prepared = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      start(() -> {
        prepared.countDown();
        prepared.await();
        moves.make(() -> events.add("move"));
        events.add("after");
      });
    }
    end();
    assertThat(events).containsExactly("move", "move", "move", "after", "after", "after");
  }

  @Test
  void aBurstGoesInLongRowsToItsEnd() throws Exception {
    CountDownLatch prepared = new CountDownLatch(20);
    AtomicInteger moved = new AtomicInteger();
    List<Integer> movedBeforeGoingOn = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 20; i++) {
      start(() -> {
        prepared.countDown();
        prepared.await();
        moves.make(moved::incrementAndGet);
        movedBeforeGoingOn.add(moved.get());
      });
    }
    end();
    assertThat(moved).hasValue(20);
    // Those of the first row go on after 17 moves at the earliest.
    assertThat(movedBeforeGoingOn).allMatch(number -> number >= 17);
    assertThat(movedBeforeGoingOn.stream().filter(number -> number == 20).count())
        .isGreaterThanOrEqualTo(3);
  }

  @Test
  void oneThatDoesNotGetAsFarIsNotWaitedForLong() throws Exception {
    Moves hasty = new Moves();
    try (var _ = hasty.expect()) {
      Thread mover = mover(hasty);
      mover.join();
    }
    assertThat(events).containsExactly("move");
  }

  @Test
  void oneThatEndsWithoutAMoveIsNotWaitedFor() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    start(mayEnd::await);
    Thread mover = mover(moves);
    mayEnd.countDown();
    mover.join();
    end();
    assertThat(events).containsExactly("move");
  }

  @Test
  void aMoveThatFailsOrHangsStopsNobodyForGood() throws Exception {
    CountDownLatch prepared = new CountDownLatch(2);
    CountDownLatch hang = new CountDownLatch(1);
    start(() -> {
      prepared.countDown();
      prepared.await();
      moves.make(() -> {
        try {
          hang.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      });
    });
    start(() -> {
      prepared.countDown();
      prepared.await();
      assertThatThrownBy(() ->
              moves.make(() -> {
                throw new LinuxException(Errno.EBUSY, "move");
              }))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("EBUSY");
      events.add("failed");
    });
    await().until(() -> events.contains("failed"));
    hang.countDown();
    end();
    moves.make(() -> events.add("later"));
    assertThat(events).containsExactly("failed", "later");
  }

  /** What a call does between its begin and its end. */
  private interface Body {
    void run() throws Exception;
  }

  private void start(Body body) throws InterruptedException {
    CountDownLatch expected = new CountDownLatch(1);
    threads.add(
        Thread.ofPlatform()
            .start(() -> {
              try (var _ = moves.expect()) {
                expected.countDown();
                body.run();
              } catch (Exception | AssertionError e) {
                events.add(String.valueOf(e));
              }
            }));
    expected.await();
  }

  /** One that has not told before that it comes. */
  private Thread mover(Moves by) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            by.make(() -> events.add("move"));
          } catch (LinuxException e) {
            events.add(e.toString());
          }
        });
  }

  private void end() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
