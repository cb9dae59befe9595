package io.sriov.deviceplugin;

import static io.sriov.deviceplugin.TestNode.NIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.sriov.deviceplugin.host.SysfsTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginMetricsTest {

  @TempDir Path root;

  @Test
  void showsWhetherAPoolIsAsConfigured() throws Exception {
    try (var node = new TestNode(root)) {
      node.sysfs.boundVf(0);
      node.sysfs.boundVf(1);
      node.pool("{\"pfNames\":[\"ens1#0-2\"]}").start();
      await().until(() -> node.kubelet.healthy(NIC).size() == 2);
      node.kubelet.allocate("p", NIC, SysfsTree.vf(1));
      assertThat(gauges(node))
          .containsEntry("configured_devices", 3.0)
          .containsEntry("devices Healthy", 2.0)
          .containsEntry("devices Unhealthy", 0.0)
          .containsEntry("allocated_devices", 1.0)
          .containsEntry("pool_complete", 0.0);

      node.sysfs.boundVf(2);
      node.uevent(SysfsTree.vf(2));
      await().until(() -> node.kubelet.healthy(NIC).size() == 3);
      await().untilAsserted(() -> assertThat(gauges(node)).containsEntry("pool_complete", 1.0));

      node.sysfs.removeVf(1);
      node.uevent(SysfsTree.vf(1));
      await()
          .untilAsserted(() ->
              assertThat(gauges(node))
                  .containsEntry("configured_devices", 3.0)
                  .containsEntry("devices Healthy", 2.0)
                  .containsEntry("devices Unhealthy", 1.0)
                  .containsEntry("pool_complete", 0.0));
    }
  }

  @Test
  void isIncompleteAndSaysNothingOfPodsWhileTheKubeletIsAway() throws Exception {
    try (var node = new TestNode(root)) {
      node.sysfs.boundVf(0);
      node.pool("{\"pfNames\":[\"ens1#0\"]}").start();
      await().untilAsserted(() -> assertThat(gauges(node)).containsEntry("pool_complete", 1.0));
      node.kubelet.stop();
      await()
          .untilAsserted(() ->
              assertThat(gauges(node))
                  .containsEntry("pool_complete", 0.0)
                  .doesNotContainKey("allocated_devices"));
      node.kubelet.start();
      await().untilAsserted(() -> assertThat(gauges(node)).containsEntry("pool_complete", 1.0));
    }
  }

  @Test
  void hasEveryMetricThatTheGuideOfAlertsNames() throws Exception {
    var guides = Path.of(System.getProperty("sriov.root"), "docs/guides");
    var english = rules(guides.resolve("alerts.md"));
    assertThat(rules(guides.resolve("alerts.zh.md"))).isEqualTo(english);
    try (var node = new TestNode(root)) {
      node.start();
      var registry = new PrometheusRegistry();
      PluginMetrics.register(node.plugin(), registry);
      var known =
          registry.scrape().stream()
              .map(metric ->
                  metric.getMetadata().getName()
                      + (metric instanceof CounterSnapshot ? "_total" : ""))
              .toList();
      var named =
          Pattern.compile("sriov_device_plugin_[a-z_]+")
              .matcher(english)
              .results()
              .map(MatchResult::group)
              .distinct()
              .toList();
      assertThat(named).hasSizeGreaterThan(4).isSubsetOf(known);
    }
  }

  /** The block of YAML. */
  private static String rules(Path guide) throws Exception {
    var text = Files.readString(guide);
    int start = text.indexOf("```yaml");
    return text.substring(start, text.indexOf("```", start + 3));
  }

  /** Of the one pool, without what all names begin with, with the label that is not the pool. */
  private static Map<String, Double> gauges(TestNode node) {
    var registry = new PrometheusRegistry();
    PluginMetrics.register(node.plugin(), registry);
    var gauges = new TreeMap<String, Double>();
    for (var metric : registry.scrape()) {
      if (metric instanceof GaugeSnapshot gauge) {
        for (var point : gauge.getDataPoints()) {
          var health = point.getLabels().get("health");
          gauges.put(
              metric.getMetadata().getName().replace("sriov_device_plugin_", "")
                  + (health == null ? "" : " " + health),
              point.getValue());
        }
      }
    }
    return gauges;
  }
}
