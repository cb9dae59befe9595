package io.sriov.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.cni.plugin.Misspelling;
import io.sriov.node.reconcile.DaemonMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CniNewsTest {

  private static final Misspelling RATE = new Misspelling("max-tx-rate", List.of("max_tx_rate"));

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final List<String> events = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");
  private Optional<SriovNetworkNodeState> state = Optional.of(new SriovNetworkNodeState());
  private final CniNews news =
      new CniNews(
          new DaemonMetrics(registry),
          () -> state,
          ((InstantSource) () -> now).withZone(ZoneOffset.UTC));

  private void told() {
    news.to((regarding, reason, action, note) -> events.add(reason + ": " + note));
  }

  private double counted(String key) {
    return registry.scrape(name -> name.equals("sriov_config_daemon_cni_misspelt_keys")).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .map(CounterDataPointSnapshot.class::cast)
        .filter(point -> key.equals(point.getLabels().get("key")))
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  @Test
  void tellsOncePerHourNetworkAndKey() {
    told();
    for (int pod = 0; pod < 3; pod++) {
      news.misspelt("n1", "pod default/p" + pod, RATE);
    }
    news.misspelt("n2", "pod default/p0", RATE);
    news.misspelt("n1", "pod default/p0", new Misspelling("spoof_chk", List.of("spoofchk")));
    now = now.plus(Duration.ofMinutes(59));
    news.misspelt("n1", "pod default/p9", RATE);
    now = now.plus(Duration.ofMinutes(1));
    news.misspelt("n1", "pod default/p9", RATE);

    assertThat(events)
        .containsExactly(
            "MisspeltKey: network n1, attached to pod default/p0: \"max-tx-rate\" has no effect: did"
                + " you mean max_tx_rate?",
            "MisspeltKey: network n2, attached to pod default/p0: \"max-tx-rate\" has no effect: did"
                + " you mean max_tx_rate?",
            "MisspeltKey: network n1, attached to pod default/p0: \"spoof_chk\" has no effect: did"
                + " you mean spoofchk?",
            "MisspeltKey: network n1, attached to pod default/p9: \"max-tx-rate\" has no effect: did"
                + " you mean max_tx_rate?");
    assertThat(counted("max_tx_rate")).isEqualTo(6);
    assertThat(counted("spoofchk")).isEqualTo(1);
  }

  @Test
  void tellsWithTheNextPodWhatNobodyCouldBeToldBefore() {
    news.misspelt("n1", "pod default/p0", RATE);
    told();
    state = Optional.empty();
    news.misspelt("n1", "pod default/p1", RATE);
    assertThat(events).isEmpty();

    state = Optional.of(new SriovNetworkNodeState());
    news.misspelt("n1", "pod default/p2", RATE);

    assertThat(events).hasSize(1);
    assertThat(counted("max_tx_rate")).isEqualTo(3);
  }
}
