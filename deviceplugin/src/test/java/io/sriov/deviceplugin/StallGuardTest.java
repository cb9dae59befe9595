package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
  void oneLookAfterAFreezeIsNoHang() throws Exception {
    var looks = new AtomicInteger();
    var hangs = new CountDownLatch(1);
    StallGuard.watch(
        () ->
            looks.incrementAndGet() % 2 == 0
                ? Optional.of(LIMIT.multipliedBy(100))
                : Optional.empty(),
        LIMIT,
        hangs::countDown);
    assertThat(hangs.await(500, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(looks).hasValueGreaterThan(3);
  }

  @Test
  @Timeout(120)
  void aProcessThatServesNothingEndsAndShowsWhereItHung() throws Exception {
    var hanging = start(false);
    try {
      var output = new String(hanging.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(hanging.waitFor()).isEqualTo(1);
      assertThat(output)
          .contains("A step of the loop has taken more than 120 s; ending")
          .contains("its threads are on standard output")
          .contains("Hanging.hangs(");
    } finally {
      hanging.destroyForcibly();
    }
  }

  @Test
  @Timeout(120)
  void aProcessThatServesGoesOn() throws Exception {
    var hanging = start(true);
    try (var output = hanging.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.lines().anyMatch(line -> line.contains("Hanging.hangs("))).isTrue();
      assertThat(hanging.waitFor(15, TimeUnit.SECONDS)).isFalse();
    } finally {
      hanging.destroyForcibly();
    }
  }

  private static Process start(boolean serves) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Hanging.class.getName(),
            Boolean.toString(serves))
        .redirectErrorStream(true)
        .start();
  }

  /** A process whose main thread waits for ever, and whose end would, too. */
  static final class Hanging {
    public static void main(String[] arguments) throws InterruptedException {
      var main = Thread.currentThread();
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(Hanging::uninterrupted));
      StallGuard.watch(
          () ->
              main.getState() == Thread.State.WAITING
                  ? Optional.of(Duration.ofDays(1))
                  : Optional.empty(),
          LIMIT,
          () -> StallGuard.report(() -> Boolean.parseBoolean(arguments[0])));
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
