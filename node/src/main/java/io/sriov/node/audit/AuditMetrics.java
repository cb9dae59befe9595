package io.sriov.node.audit;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.plan.audit.Finding;
import java.util.List;

/** What the auditor counts. */
public final class AuditMetrics {

  /** How a look ended. */
  enum Look {
    COMPLETE("complete"),
    /** A witness was silent. */
    PARTIAL("partial"),
    FAILED("failed");

    private final String label;

    Look(String label) {
      this.label = label;
    }
  }

  private final Gauge findings;
  private final Counter looks;
  private final Counter repairs;

  public AuditMetrics(PrometheusRegistry registry) {
    findings =
        Gauge.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_vf_findings")
            .help("What is wrong with VFs now, by kind")
            .labelNames("kind")
            .register(registry);
    looks =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_vf_audits_total")
            .help("Looks of the VF auditor by result")
            .labelNames("result")
            .register(registry);
    repairs =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_vf_repairs_total")
            .help("Repairs of free VFs by kind of finding and result")
            .labelNames("kind", "result")
            .register(registry);
    found(List.of());
  }

  void repaired(String kind, boolean done) {
    repairs.labelValues(kind, done ? "done" : "failed").inc();
  }

  void looked(Look result) {
    looks.labelValues(result.label).inc();
  }

  void found(List<Finding> told) {
    for (Finding.Kind kind : Finding.Kind.values()) {
      findings
          .labelValues(kind.label())
          .set(told.stream().filter(finding -> finding.kind() == kind).count());
    }
  }
}
