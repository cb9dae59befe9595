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
    GaugeWithCallback.builder()
        .name("sriov_device_plugin_configured_devices")
        .help("Devices that the configuration promises, whether they are there or not")
        .labelNames("resource")
        .callback(values ->
            plugin.configured().forEach((resource, count) -> values.call(count, resource)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("sriov_device_plugin_allocated_devices")
        .help("Devices that pods hold, as the kubelet says; absent while it does not answer")
        .labelNames("resource")
        .callback(values ->
            plugin
                .allocated()
                .ifPresent(
                    counts -> counts.forEach((resource, count) -> values.call(count, resource))))
        .register(registry);
    GaugeWithCallback.builder()
        .name("sriov_device_plugin_pool_complete")
        .help("1 when the kubelet offers every configured device of the pool as healthy")
        .labelNames("resource")
        .callback(values -> complete(plugin, values))
        .register(registry);
    CounterWithCallback.builder()
        .name("sriov_device_plugin_rejected_configurations_total")
        .help("Changes of the configuration file that were not taken over")
        .callback(values -> values.call(plugin.rejectedConfigurations()))
        .register(registry);
  }

  private static void complete(DevicePlugin plugin, GaugeWithCallback.Callback values) {
    boolean registered = plugin.notReady().isEmpty();
    var configured = plugin.configured();
    for (var pool : plugin.pools().pools()) {
      var resource = pool.config().resource();
      long healthy = pool.devices().stream().filter(device -> device.unhealthy().isEmpty()).count();
      boolean complete = registered && healthy >= configured.getOrDefault(resource, 0);
      values.call(complete ? 1 : 0, resource);
    }
  }
}
