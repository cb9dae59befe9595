package io.sriov.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PluginStartTest {

  private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");

  private final PluginStart start = new PluginStart();

  @Test
  void isPutOffForFiveSecondsWhileTheVfsAreMade() {
    assertThat(start.putOff("a", Applied.PENDING, NOW)).contains(Duration.ofSeconds(5));
    assertThat(start.putOff("a", Applied.PENDING, NOW.plusSeconds(4)))
        .contains(Duration.ofSeconds(1));
    assertThat(start.putOff("a", Applied.PENDING, NOW.plusSeconds(5))).isEmpty();
    assertThat(start.putOff("a", Applied.PENDING, NOW.plusSeconds(60))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"GOOD", "FAILED"})
  void isNotPutOffWhenTheNodeHasComeToAnEnd(Applied vfs) {
    assertThat(start.putOff("a", Applied.PENDING, NOW)).isPresent();
    assertThat(start.putOff("a", vfs, NOW.plusSeconds(1))).isEmpty();
  }

  @Test
  void isPutOffForEachNodeAndEachStartAnew() {
    assertThat(start.putOff("a", Applied.PENDING, NOW)).contains(Duration.ofSeconds(5));
    assertThat(start.putOff("b", Applied.PENDING, NOW.plusSeconds(3)))
        .contains(Duration.ofSeconds(5));

    start.forget("a");

    assertThat(start.putOff("a", Applied.PENDING, NOW.plusSeconds(7)))
        .contains(Duration.ofSeconds(5));
  }

  @Test
  void isNotPutOffLongerByAClockThatIsSetBack() {
    assertThat(start.putOff("a", Applied.PENDING, NOW)).isPresent();
    assertThat(start.putOff("a", Applied.PENDING, NOW.minusSeconds(3600)))
        .contains(Duration.ofSeconds(5));
    assertThat(start.putOff("a", Applied.PENDING, NOW.minusSeconds(3595))).isEmpty();
  }
}
