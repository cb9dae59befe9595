package io.sriov.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.testkit.Spec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeepUntilTest {

  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-05-01T10:00:00.5Z"), ZoneOffset.UTC);
  private static final Duration DELAY = Duration.ofMinutes(5);

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"garbage", ""})
  void marksWhatIsNotYetMarkedInWholeSecondsOfUtc(String annotation) {
    assertThat(KeepUntil.of(annotation, DELAY, NOW))
        .isEqualTo(new KeepUntil.Mark("2026-05-01T10:05:00Z", DELAY));
  }

  @Test
  @Spec("02:67")
  void keepsUntilTheTimeIsOver() {
    assertThat(KeepUntil.of("2026-05-01T12:00:00.5+02:00", DELAY, NOW))
        .isEqualTo(new KeepUntil.Delete());
    assertThat(KeepUntil.of("2026-05-01T10:00:01.5Z", DELAY, NOW))
        .isEqualTo(new KeepUntil.Keep(Duration.ofSeconds(1)));
  }

  @Test
  @Spec("02:66")
  @Spec("01:112")
  void deletesWhenTheTimeIsOverOrNoneWasGiven() {
    assertThat(KeepUntil.of("2026-05-01T09:59:59Z", DELAY, NOW)).isEqualTo(new KeepUntil.Delete());
    assertThat(KeepUntil.of(null, Duration.ZERO, NOW)).isEqualTo(new KeepUntil.Delete());
  }
}
