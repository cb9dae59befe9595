package io.sriov.node.reconcile;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.node.apply.HostStepResult;
import io.sriov.node.apply.StepResult;
import io.sriov.plan.node.NodePlan;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the daemon counts. */
public final class DaemonMetrics {

  private static final Set<String> CNI_COMMANDS =
      Set.of("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION");

  private final Counter passes;
  private final Histogram passSeconds;
  private final Counter steps;
  private final Histogram stepSeconds;
  private final Counter cniCalls;
  private final Histogram cniSeconds;
  private final Counter cniMisspelt;
  private final Gauge inSync;
  private final Gauge blocked;
  private final Counter drift;
  private final Histogram toSucceeded;
  private final Counter reboots;
  private @Nullable Version succeeded;
  private @Nullable Version wanted;
  private long wantedSince;

  /** Which NodeState, and which generation of it. */
  private record Version(@Nullable String uid, @Nullable Long generation) {
    static Version of(SriovNetworkNodeState state) {
      return new Version(state.getMetadata().getUid(), state.getMetadata().getGeneration());
    }
  }

  public DaemonMetrics(PrometheusRegistry registry) {
    passes =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_passes_total")
            .help("Passes of the reconcile loop by outcome")
            .labelNames("result")
            .register(registry);
    passSeconds =
        Histogram.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_pass_seconds")
            .help("Duration of a pass")
            .classicUpperBounds(0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 120)
            .register(registry);
    steps =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_steps_total")
            .help("Steps carried out by kind and result")
            .labelNames("step", "result")
            .register(registry);
    stepSeconds =
        Histogram.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_step_seconds")
            .help("Duration of a step")
            .labelNames("step")
            .classicUpperBounds(0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 120)
            .register(registry);
    cniCalls =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_cni_calls_total")
            .help("CNI calls by command and CNI error code, 0 for success")
            .labelNames("command", "code")
            .register(registry);
    cniSeconds =
        Histogram.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_cni_call_seconds")
            .help("Duration of a CNI call in the daemon")
            .labelNames("command")
            .classicUpperBounds(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 60)
            .register(registry);
    cniMisspelt =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_cni_misspelt_keys_total")
            .help("Attachments to networks with a key without effect, by the key that was meant")
            .labelNames("key")
            .register(registry);
    inSync =
        Gauge.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_in_sync")
            .help("1 when the node is as its NodeState says")
            .register(registry);
    blocked =
        Gauge.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_blocked_steps")
            .help("Steps that wait for pods to give VFs back")
            .register(registry);
    drift =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_drift_total")
            .help("Passes that found the host changed by somebody else")
            .register(registry);
    toSucceeded =
        Histogram.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_time_to_succeeded_seconds")
            .help("Time from a new desired state until the node was as it says")
            .classicUpperBounds(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200)
            .register(registry);
    reboots =
        Counter.builder()
            .withoutExemplars()
            .name("sriov_config_daemon_reboots_total")
            .help("Reboots that this process triggered")
            .register(registry);
  }

  /** A pass knows what is to be done. */
  void planned(SriovNetworkNodeState state, NodePlan plan) {
    var version = Version.of(state);
    if (version.equals(succeeded)) {
      if (!plan.steps().isEmpty() || !plan.blocked().isEmpty() || !plan.hostSteps().isEmpty()) {
        drift.inc();
      }
    } else if (!version.equals(wanted)) {
      wanted = version;
      wantedSince = System.nanoTime();
    }
  }

  /** A reboot was triggered. */
  void reboot() {
    reboots.inc();
  }

  void pass(SriovNetworkNodeState state, Outcome outcome, Duration took) {
    var version = Version.of(state);
    if (outcome.inSync() && !version.equals(succeeded)) {
      succeeded = version;
      toSucceeded.observe((System.nanoTime() - wantedSince) / 1e9);
    }
    passes.labelValues(outcome.syncStatus()).inc();
    passSeconds.observe(took.toNanos() / 1e9);
    inSync.set(outcome.inSync() ? 1 : 0);
    blocked.set(outcome.remaining().blocked().size());
  }

  /**
   * A CNI call ended.
   *
   * @param code CNI error code, -1 for success
   */
  public void cniCall(String command, int code, Duration took) {
    // The command comes from outside: whatever it says must not make new time series.
    String known = CNI_COMMANDS.contains(command) ? command : "other";
    cniCalls.labelValues(known, Integer.toString(Math.max(0, code))).inc();
    cniSeconds.labelValues(known).observe(took.toNanos() / 1e9);
  }

  /**
   * A pod was attached to a network with a misspelt key.
   *
   * @param meant a key of a plugin of ours, so that time series are few
   */
  public void cniMisspelt(String meant) {
    cniMisspelt.labelValues(meant).inc();
  }

  void steps(List<StepResult> results) {
    for (StepResult result : results) {
      String step = result.step().getClass().getSimpleName();
      String end = result.failed() ? "failed" : result.held() ? "held" : "done";
      steps.labelValues(step, end).inc();
      stepSeconds.labelValues(step).observe(result.took().toNanos() / 1e9);
    }
  }

  void hostSteps(List<HostStepResult> results) {
    for (HostStepResult result : results) {
      String step = result.step().getClass().getSimpleName();
      steps.labelValues(step, result.failed() ? "failed" : "done").inc();
      stepSeconds.labelValues(step).observe(result.took().toNanos() / 1e9);
    }
  }
}
