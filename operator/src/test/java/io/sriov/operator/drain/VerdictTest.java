package io.sriov.operator.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.OnDrainTimeout;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictTest {

  private static final Instant SINCE = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Remaining PROTECTED =
      new Remaining.Protected(pod("web-0"), "The disruption budget web needs 2 healthy pods");
  private static final Remaining LEAVING = new Remaining.Leaving(pod("web-1"), SINCE);
  private static final Remaining REFUSED =
      new Remaining.Refused(pod("web-2"), "admission webhook said no");

  private static PodFacts pod(String name) {
    return new PodFacts(
        "shop", name, name, Optional.empty(), false, false, true, Optional.empty(), GRACE);
  }

  private static Verdict after(
      Duration time, OnDrainTimeout then, int attempt, Remaining... remaining) {
    return Verdict.of(List.of(remaining), SINCE, LIMIT, then, SINCE.plus(time), attempt);
  }

  @ParameterizedTest
  @EnumSource(OnDrainTimeout.class)
  void beforeTheTimeIsOverADrainJustGoesOn(OnDrainTimeout then) {
    Verdict verdict = after(Duration.ofMinutes(5), then, 1, PROTECTED, LEAVING);

    assertThat(verdict.action()).isEqualTo(Verdict.Action.WAIT);
    assertThat(verdict.report()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,4", "4,8", "5,10", "60,10", "100000,10"})
  void aBudgetIsAskedAgainAfterAPauseThatGrowsToTenSeconds(int attempt, int seconds) {
    assertThat(after(Duration.ZERO, OnDrainTimeout.WAIT, attempt, PROTECTED).again())
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void aPodThatIsOnItsWayIsWatchedAndNotAskedForEachSecond() {
    assertThat(after(Duration.ZERO, OnDrainTimeout.WAIT, 1, LEAVING).again())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void theEndOfTheTimeIsNotSlept() {
    assertThat(after(Duration.ofSeconds(599), OnDrainTimeout.WAIT, 9, PROTECTED).again())
        .isEqualTo(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @CsvSource({"WAIT,WAIT", "GIVE_UP,GIVE_UP", "PROCEED,DELETE"})
  void thenThePoolDecides(OnDrainTimeout then, Verdict.Action action) {
    assertThat(after(LIMIT, then, 1, PROTECTED).action()).isEqualTo(action);
    assertThat(after(LIMIT, then, 1, REFUSED, LEAVING).action()).isEqualTo(action);
  }

  @Test
  void aPodThatIsToldToEndIsNotDeletedOnceMore() {
    assertThat(after(LIMIT, OnDrainTimeout.PROCEED, 1, LEAVING).action())
        .isEqualTo(Verdict.Action.WAIT);
  }

  private static Remaining toldToEnd(Duration after, Duration grace) {
    var pod =
        new PodFacts(
            "shop",
            "web-3",
            "web-3",
            Optional.empty(),
            false,
            false,
            true,
            Optional.empty(),
            grace);
    return new Remaining.Leaving(pod, SINCE.plus(after));
  }

  /** It was let go at the last moment: what was asked for is about to be possible. */
  @Test
  void whoHasJustBeenToldToEndIsWaitedFor() {
    Verdict verdict = after(LIMIT, OnDrainTimeout.GIVE_UP, 1, toldToEnd(LIMIT, GRACE));

    assertThat(verdict.action()).isEqualTo(Verdict.Action.WAIT);
    assertThat(verdict.again()).isEqualTo(GRACE);
    assertThat(after(LIMIT, OnDrainTimeout.GIVE_UP, 1, toldToEnd(LIMIT, GRACE), PROTECTED))
        .satisfies(both -> assertThat(both.action()).isEqualTo(Verdict.Action.WAIT))
        .satisfies(both -> assertThat(both.again()).isEqualTo(Duration.ofSeconds(1)));
    assertThat(after(LIMIT, OnDrainTimeout.GIVE_UP, 1, toldToEnd(LIMIT, Duration.ZERO)).action())
        .isEqualTo(Verdict.Action.WAIT);
  }

  @Test
  void whoDoesNotEndInTimeIsGivenUp() {
    assertThat(after(LIMIT.plus(GRACE), OnDrainTimeout.GIVE_UP, 1, toldToEnd(LIMIT, GRACE)))
        .satisfies(late -> assertThat(late.action()).isEqualTo(Verdict.Action.GIVE_UP));
    Remaining takesHours = toldToEnd(Duration.ZERO, Duration.ofHours(5));
    assertThat(after(LIMIT, OnDrainTimeout.GIVE_UP, 1, takesHours).action())
        .isEqualTo(Verdict.Action.GIVE_UP);
  }

  @Test
  void theReportOfManyPodsFitsACondition() {
    Remaining[] many =
        IntStream.range(0, 500)
            .mapToObj(i -> new Remaining.Refused(pod("web-" + i), "no ".repeat(100)))
            .toArray(Remaining[]::new);

    assertThat(after(LIMIT, OnDrainTimeout.WAIT, 1, many).text())
        .hasSizeLessThan(32_768)
        .endsWith("; and 480 more");
  }

  @Test
  void theReportNamesPodAndBudgetInAnOrderThatDoesNotChange() {
    Verdict verdict = after(LIMIT, OnDrainTimeout.WAIT, 1, REFUSED, LEAVING, PROTECTED);

    assertThat(verdict.text())
        .isEqualTo(
            "pod shop/web-0 may not be evicted: The disruption budget web needs 2 healthy pods; pod"
                + " shop/web-1 was told to end at 2026-11-24T12:00:00Z and is still there"
                + " (finalizers, or a container that does not stop); pod shop/web-2 could not be"
                + " evicted: admission webhook said no");
  }
}
