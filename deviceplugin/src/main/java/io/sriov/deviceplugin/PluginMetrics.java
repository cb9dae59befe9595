package io.sriov.deviceplugin;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What Prometheus sees; read when it scrapes. */
final class PluginMetrics {

  private PluginMetrics() {}

  static void register(DevicePlugin plugin, PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("sriov_device_plugin_devices")
        .help("Devices advertised to the kubelet")
        .labelNames("resource", "health")
        .callback(values -> {
          for (var pool : plugin.pools().pools()) {
            long unhealthy =
                pool.devices().stream().filter(device -> device.unhealthy().isPresent()).count();
            values.call(pool.devices().size() - unhealthy, pool.config().resource(), "Healthy");
            values.call(unhealthy, pool.config().resource(), "Unhealthy");
          }
        })
        .register(registry);
    CounterWithCallback.builder()
        .name("sriov_device_plugin_rejected_configurations_total")
        .help("Changes of the configuration file that were not taken over")
        .callback(values -> values.call(plugin.rejectedConfigurations()))
        .register(registry);
  }
}
