package io.sriov.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MovesTest {

  /** Longer than a test may take: who waits for a row that does not end never ends. */
  private Moves moves = new Moves(Duration.ofHours(1));

  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> threads = new ArrayList<>();

  @Test
  void aCallAloneMovesAtOnceAsOftenAsItLikes() throws Exception {
    moves.make(() -> events.add("first"));
    moves.make(() -> events.add("second"));
    assertThat(events).containsExactly("first", "second");
  }

  @Test
  void thoseThatComeWhileAnotherMovesMoveBeforeAnyOfThemGoesOn() throws Exception {
    whileOneMoves(() -> {
      for (int i = 0; i < 3; i++) {
        start(() -> {
          moves.make(() -> events.add("move"));
          events.add("after");
        });
      }
    });
    assertThat(events).containsExactly("move", "move", "move", "after", "after", "after");
  }

  @Test
  void aRowIsHalfOfThoseThatWaitAndFewAreOne() throws Exception {
    AtomicInteger moved = new AtomicInteger();
    List<Integer> movedBeforeGoingOn = Collections.synchronizedList(new ArrayList<>());
    whileOneMoves(() -> {
      for (int i = 0; i < 20; i++) {
        start(() -> {
          moves.make(moved::incrementAndGet);
          movedBeforeGoingOn.add(moved.get());
        });
      }
    });
    assertThat(moved).hasValue(20);
    // Rows of 10, 5, 4 and 1.
    assertThat(movedBeforeGoingOn).hasSize(20).allMatch(number -> number >= 10);
    assertThat(movedBeforeGoingOn.stream().filter(number -> number >= 15))
        .hasSizeGreaterThanOrEqualTo(10);
    assertThat(movedBeforeGoingOn.stream().filter(number -> number >= 19))
        .hasSizeGreaterThanOrEqualTo(5);
  }

  @Test
  void aMoveThatFailsOrHangsStopsNobodyForGood() throws Exception {
    moves = new Moves(Duration.ofMillis(300));
    CountDownLatch hang = new CountDownLatch(1);
    whileOneMoves(() -> {
      start(() -> moves.make(() -> await(hang)));
      start(() -> {
        assertThatThrownBy(() ->
                moves.make(() -> {
                  throw new LinuxException(Errno.EBUSY, "move");
                }))
            .isInstanceOf(LinuxException.class)
            .hasMessageContaining("EBUSY");
        events.add("failed");
        hang.countDown();
      });
    });
    moves.make(() -> events.add("later"));
    assertThat(events).containsExactly("failed", "later");
  }

  /** What a call does. */
  private interface Body {
    void run() throws Exception;
  }

  /** All that {@code body} starts waits for its turn before the first move ends; then all end. */
  private void whileOneMoves(Body body) throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    start(() ->
        moves.make(() -> {
          begun.countDown();
          await(end);
        }));
    begun.await();
    body.run();
    Awaitility.await()
        .until(() ->
            threads.stream().filter(thread -> thread.getState() == Thread.State.WAITING).count()
                == threads.size());
    end.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void start(Body body) {
    threads.add(
        Thread.ofPlatform()
            .start(() -> {
              try {
                body.run();
              } catch (Exception | AssertionError e) {
                events.add(String.valueOf(e));
              }
            }));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
