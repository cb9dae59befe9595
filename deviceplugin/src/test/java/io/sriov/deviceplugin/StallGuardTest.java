package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StallGuardTest {

  private static final Duration LIMIT = Duration.ofMillis(100);

  @Test
  void callsWhenTheLoopHasBeenAtOneThingForTooLong() throws Exception {
    var busy = new AtomicReference<>(Optional.<Duration>empty());
    var hangs = new CountDownLatch(1);
    StallGuard.watch(busy::get, LIMIT, hangs::countDown);
    assertThat(hangs.await(500, TimeUnit.MILLISECONDS)).as("waits for something to do").isFalse();

    busy.set(Optional.of(LIMIT));
    assertThat(hangs.await(500, TimeUnit.MILLISECONDS)).as("is at it").isFalse();

    busy.set(Optional.of(LIMIT.plusMillis(1)));
    assertThat(hangs.await(30, TimeUnit.SECONDS)).as("hangs").isTrue();
  }

  @Test
  void theProcessEndsAndShowsWhereItHung() throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Hanging.class.getName())
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(output)
        .contains("One round of the loop has taken more than")
        .contains("Hanging.hangs(");
  }

  /** A process whose main thread waits for ever, and whose end would, too. */
  static final class Hanging {
    public static void main(String[] arguments) throws InterruptedException {
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(Hanging::uninterrupted));
      StallGuard.watch(() -> Optional.of(Duration.ofDays(1)), LIMIT, StallGuard::end);
      hangs();
    }

    private static void hangs() throws InterruptedException {
      new CountDownLatch(1).await();
    }

    private static void uninterrupted() {
      try {
        hangs();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
