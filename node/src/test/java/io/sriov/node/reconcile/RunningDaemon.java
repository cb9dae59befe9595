package io.sriov.node.reconcile;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.kube.ClusterClient;
import io.sriov.kube.Events;
import io.sriov.lab.ApiServer;
import io.sriov.node.apply.HostStepExecutor;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.node.apply.StepExecutor;
import io.sriov.node.drain.HandShake;
import io.sriov.node.drain.NodeDrain;
import io.sriov.node.drain.Reboot;
import io.sriov.node.drain.RebootLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** The daemon's parts on a simulated host and a real API server. */
final class RunningDaemon implements AutoCloseable, ClusterView.Listener {

  /** What a daemon is started with. */
  record Start(
      Path kubeconfig,
      String namespace,
      SimulatedKernel kernel,
      PodsOnVfs pods,
      Path folder,
      HostStepExecutor hostSteps,
      Reboot reboot,
      boolean externalDrainer) {

    Path pluginFile() {
      return folder.resolve("device-plugin/config.json");
    }
  }

  private static final Reboot NO_REBOOT =
      () -> {
        throw new IOException("nobody was to reboot");
      };
  private static final HostStepExecutor NO_HOST_STEPS =
      steps -> {
        throw new IllegalStateException("no steps of the node itself here");
      };

  private final KubernetesClient client;
  private final ClusterView view;
  private final Events events;
  private final StatusPublisher publisher;
  private final StepExecutor executor;
  final PrometheusRegistry registry = new PrometheusRegistry();
  final Reconciler reconciler;

  RunningDaemon(
      ApiServer server, String namespace, SimulatedKernel kernel, PodsOnVfs pods, Path folder) {
    this(
        new Start(
            server.kubeconfig(), namespace, kernel, pods, folder, NO_HOST_STEPS, NO_REBOOT, false));
  }

  RunningDaemon(Start start) {
    this(start, ClusterClient.open(Optional.of(start.kubeconfig()), "daemon"));
  }

  RunningDaemon(Start start, KubernetesClient client) {
    this.client = client;
    view = new ClusterView(Cluster.NODE, true, this);
    events = new Events(client, Clock.systemUTC(), "sriov-network-config-daemon", Cluster.NODE);
    publisher = new StatusPublisher(client, events, Clock.systemUTC());
    executor = new StepExecutor(start.kernel());
    var metrics = new DaemonMetrics(registry);
    var drain =
        new NodeDrain(
            new HandShake(client, Cluster.NODE),
            new RebootLog(start.folder().resolve("host"), Clock.systemUTC()),
            start.reboot(),
            events,
            Clock.systemUTC());
    var pass =
        new Pass(
            start.kernel(),
            executor,
            start.hostSteps()::execute,
            start.pods(),
            drain,
            List.of(),
            metrics);
    reconciler =
        new Reconciler(pass, view, publisher, start.pluginFile(), start.externalDrainer(), metrics);
    view.start(client, start.namespace());
    reconciler.start();
  }

  ClusterView view() {
    return view;
  }

  @Override
  public void desiredChanged() {
    reconciler.desiredChanged();
  }

  @Override
  public void pluginConfigChanged() {
    reconciler.pluginConfigChanged();
  }

  @Override
  public void close() throws InterruptedException {
    reconciler.close();
    executor.close();
    publisher.close();
    events.close();
    view.close();
    client.close();
  }
}
