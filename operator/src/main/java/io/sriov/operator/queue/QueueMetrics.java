package io.sriov.operator.queue;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts and durations of reconciles, under the names that dashboards for Go operators use. */
public final class QueueMetrics {

  private final Counter total;
  private final Histogram seconds;

  public QueueMetrics(PrometheusRegistry registry) {
    total =
        Counter.builder()
            .withoutExemplars()
            .name("controller_runtime_reconcile_total")
            .help("Reconciles by controller and result")
            .labelNames("controller", "result")
            .register(registry);
    seconds =
        Histogram.builder()
            .withoutExemplars()
            .name("controller_runtime_reconcile_time_seconds")
            .help("Duration of a reconcile")
            .labelNames("controller")
            .register(registry);
  }

  void reconciled(String controller, long startedNanos, String result) {
    total.labelValues(controller, result).inc();
    seconds.labelValues(controller).observe((System.nanoTime() - startedNanos) / 1e9);
  }
}
