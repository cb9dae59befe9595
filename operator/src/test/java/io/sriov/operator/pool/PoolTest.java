package io.sriov.operator.pool;

import static io.sriov.operator.pool.Pools.pool;
import static io.sriov.operator.pool.Pools.resource;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.OnDrainTimeout;
import io.sriov.api.OnFailure;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private static String shut(Pool pool, String now) {
    return pool.gate(Instant.parse(now)).shut().map(Gate.Shut::text).orElse("");
  }

  @Test
  void whatIsNotSaidIsTenMinutesWaitAndStop() {
    assertThat(pool("p", ""))
        .returns(Duration.ofMinutes(10), Pool::drainTimeout)
        .returns(OnDrainTimeout.WAIT, Pool::onDrainTimeout)
        .returns(OnFailure.STOP, Pool::onFailure)
        .returns(new MaxUnavailable.Unlimited(), Pool::maxUnavailable)
        .returns(Gate.OPEN, pool -> pool.gate(NOW));
  }

  @Test
  @Spec("02:139")
  void aPoolForHardwareOffloadIsNoPoolOfNodes() {
    assertThat(Pool.of(resource("p", "ovsHardwareOffloadConfig: {name: worker}"))).isEmpty();
    assertThat(Pool.of(resource("p", "ovsHardwareOffloadConfig: {name: ''}"))).isPresent();
  }

  @Test
  void aPausedPoolLetsNoDrainStart() {
    assertThat(pool("p", "paused: true").gate(NOW))
        .isEqualTo(
            new Gate(
                java.util.Optional.of(new Gate.Shut(Gate.Reason.PAUSED, "pool p is paused")),
                java.util.Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    // Saturday 02:00 for four hours, in winter time, an hour before UTC.
    "2026-11-28T00:59:59Z, false, 2026-11-28T01:00:00Z",
    "2026-11-28T01:00:00Z, true,  2026-11-28T05:00:00Z",
    "2026-11-28T04:59:59Z, true,  2026-11-28T05:00:00Z",
    "2026-11-28T05:00:00Z, false, 2026-12-05T01:00:00Z",
    // In summer time two hours before.
    "2026-07-04T00:00:00Z, true,  2026-07-04T04:00:00Z",
    "2026-07-03T23:59:59.999Z, false, 2026-07-04T00:00:00Z",
  })
  void aWindowOpensAndClosesToTheSecondInItsOwnZone(Instant now, boolean open, Instant until) {
    Pool pool =
        pool(
            "p",
            "maintenanceWindows: [{schedule: '0 2 * * 6', duration: 4h, timeZone: Europe/Berlin}]");

    assertThat(pool.gate(now).shut().isEmpty()).isEqualTo(open);
    assertThat(pool.gate(now).until()).contains(until);
  }

  @Test
  void ofSeveralWindowsOneIsEnoughAndTheNextIsNamed() {
    Pool pool =
        pool(
            "night",
            "maintenanceWindows: [{schedule: '0 2 * * *', duration: 1h},"
                + " {schedule: '30 12 * * 1-5', duration: 30m, timeZone: Asia/Tokyo}]");

    assertThat(shut(pool, "2026-11-24T02:59:59Z")).isEmpty();
    assertThat(shut(pool, "2026-11-24T03:00:00Z"))
        .isEqualTo(
            "outside the maintenance windows of pool night, next opening at 2026-11-24 12:30"
                + " Asia/Tokyo");
    assertThat(shut(pool, "2026-11-24T03:30:00Z")).isEmpty();
    assertThat(shut(pool, "2026-11-24T12:00:00Z")).endsWith("next opening at 2026-11-25 02:00 UTC");
  }

  @Test
  void aWindowLongerThanItsPeriodIsAlwaysOpen() {
    Pool pool = pool("p", "maintenanceWindows: [{schedule: '0 * * * *', duration: 2h}]");

    for (int minute = 0; minute < 24 * 60; minute += 7) {
      Instant now = NOW.plus(Duration.ofMinutes(minute));
      assertThat(pool.gate(now).shut()).as(now.toString()).isEmpty();
    }
  }

  @Test
  void aWindowThatNeverOpensSaysSo() {
    assertThat(
            shut(
                pool("p", "maintenanceWindows: [{schedule: '0 0 30 2 *', duration: 1h}]"),
                "2026-11-24T12:00:00Z"))
        .isEqualTo("outside the maintenance windows of pool p, which never open");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          maintenanceWindows: [{schedule: 'at night', duration: 1h}] | maintenanceWindows[0].schedule is "at night"
          maintenanceWindows: [{schedule: '61 2 * * *', duration: 1h}] | maintenanceWindows[0].schedule is "61 2 * * *"
          maintenanceWindows: [{schedule: '0 2 * * *', duration: 1h}, {schedule: '0 3 * * *', duration: long}] | maintenanceWindows[1].duration is "long"
          maintenanceWindows: [{schedule: '0 2 * * *', duration: 0s}] | maintenanceWindows[0].duration is "0s"
          maintenanceWindows: [{schedule: '0 2 * * *', duration: 1h, timeZone: Mars/Base}] | maintenanceWindows[0].timeZone is "Mars/Base"
          drainTimeout: soon | drainTimeout is "soon"
          maxUnavailable: some | maxUnavailable is "some"
          nodeSelector: {matchExpressions: [{key: a, operator: Like}]} | nodeSelector.matchExpressions[0].operator is "Like"
          nodeSelector: {matchExpressions: [{key: a, operator: In}]} | nodeSelector.matchExpressions[0].values is empty
          nodeSelector: {matchExpressions: [{key: a, operator: Exists}, {key: b, operator: Exists, values: [c]}]} | nodeSelector.matchExpressions[1].values is not empty
          """)
  void aMalformedFieldIsNamedAndNothingStarts(String spec, String fault) {
    Pool pool = pool("p", spec);

    assertThat(pool.faults()).singleElement().asString().startsWith(fault).contains("; ");
    assertThat(pool.gate(NOW).shut())
        .hasValueSatisfying(shut -> {
          assertThat(shut.reason()).isEqualTo(Gate.Reason.INVALID_SPEC);
          assertThat(shut.text()).startsWith("pool p: " + fault);
        });
  }

  @ParameterizedTest
  @CsvSource({"90s,PT1M30S", "30m,PT30M", "1h30m,PT1H30M", "4h,PT4H", "1h0m1s,PT1H1S"})
  void durationsAreWrittenAsInKubernetes(String text, Duration duration) {
    assertThat(pool("p", "drainTimeout: " + text).drainTimeout()).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          '' | true
          matchLabels: {a: b} | true
          matchLabels: {a: c} | false
          matchExpressions: [{key: a, operator: In, values: [b, c]}] | true
          matchExpressions: [{key: a, operator: In, values: [c]}] | false
          matchExpressions: [{key: a, operator: NotIn, values: [b]}] | false
          matchExpressions: [{key: x, operator: NotIn, values: [b]}] | true
          matchExpressions: [{key: a, operator: Exists}] | true
          matchExpressions: [{key: x, operator: Exists}] | false
          matchExpressions: [{key: x, operator: DoesNotExist}] | true
          matchExpressions: [{key: a, operator: DoesNotExist}] | false
          matchLabels: {a: b}, matchExpressions: [{key: x, operator: Exists}] | false
          """)
  void aSelectorMeansWhatItMeansEverywhereInKubernetes(String selector, boolean selects) {
    Pool pool = pool("p", "nodeSelector: {" + selector + "}");

    assertThat(pool.selects(Map.of("a", "b", "c", "d"))).isEqualTo(selects);
  }

  @Test
  void theExampleInTheDocumentationIsWellFormed() throws IOException {
    Path example = Path.of(System.getProperty("sriov.root"), "docs", "examples", "pool.yaml");
    Pool pool =
        Pool.of(
                Serialization.unmarshal(
                    Files.readString(example), io.sriov.api.SriovNetworkPoolConfig.class))
            .orElseThrow();

    assertThat(pool.faults()).isEmpty();
    assertThat(pool.gate(Instant.parse("2026-11-28T01:30:00Z")).shut()).isEmpty();
    assertThat(pool.onFailure()).isEqualTo(OnFailure.ROLLBACK);
  }

  @Test
  void aPoolThatDoesNotChangeIsTheSame() {
    String spec = "maintenanceWindows: [{schedule: '0 2 * * *', duration: 1h}], maxUnavailable: 2";

    assertThat(pool("p", spec)).isEqualTo(pool("p", spec)).isNotEqualTo(pool("p", "paused: true"));
  }
}
