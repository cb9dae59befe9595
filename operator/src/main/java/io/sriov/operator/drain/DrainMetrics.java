package io.sriov.operator.drain;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.operator.pool.PoolIndex;
import java.time.Duration;

/** How drains end and how long they take, and how many nodes drain and wait in each pool. */
public final class DrainMetrics {

  /** How a drain ends. */
  enum Result {
    COMPLETED("completed"),
    ABORTED("aborted"),
    GIVEN_UP("given_up");

    private final String label;

    Result(String label) {
      this.label = label;
    }
  }

  private final Counter drains;
  private final Histogram seconds;

  public DrainMetrics(PrometheusRegistry registry) {
    drains =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_drains_total")
            .help("Drains of nodes by result: completed, aborted by the node, given up")
            .labelNames("result")
            .register(registry);
    seconds =
        Histogram.builder()
            .withoutExemplars()
            .name("sriov_drain_seconds")
            .help("From the slot in the pool to the end of the drain")
            .labelNames("result")
            .classicUpperBounds(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
            .register(registry);
  }

  /** Publishes what the nodes of each pool do; nodes without a pool have an empty label. */
  public static void publish(PrometheusRegistry registry, PoolIndex pools) {
    var unused =
        GaugeWithCallback.builder()
            .name("sriov_drain_nodes")
            .help("Nodes of a pool that are drained or being drained, and that wait for it")
            .labelNames("pool", "state")
            .callback(callback -> {
              for (String name : pools.names()) {
                pools
                    .state(name)
                    .ifPresent(pool -> {
                      callback.call(pool.busy().size(), name, "draining");
                      callback.call(pool.waiting().size(), name, "waiting");
                    });
              }
            })
            .register(registry);
  }

  void ended(Result result, Duration took) {
    drains.labelValues(result.label).inc();
    seconds.labelValues(result.label).observe(took.toMillis() / 1000.0);
  }
}
