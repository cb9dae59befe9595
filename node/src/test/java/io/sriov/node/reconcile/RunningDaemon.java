package io.sriov.node.reconcile;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.kube.ClusterClient;
import io.sriov.kube.Events;
import io.sriov.lab.ApiServer;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.node.apply.StepExecutor;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** The daemon's parts on a simulated host and a real API server. */
final class RunningDaemon implements AutoCloseable, ClusterView.Listener {

  private final KubernetesClient client;
  private final ClusterView view;
  private final Events events;
  private final StatusPublisher publisher;
  private final StepExecutor executor;
  final Reconciler reconciler;

  RunningDaemon(
      ApiServer server, String namespace, SimulatedKernel kernel, PodsOnVfs pods, Path plugin) {
    client = ClusterClient.open(Optional.of(server.kubeconfig()), "daemon");
    view = new ClusterView(Cluster.NODE, true, this);
    events = new Events(client, Clock.systemUTC(), "sriov-network-config-daemon", Cluster.NODE);
    publisher = new StatusPublisher(client, events, Clock.systemUTC());
    executor = new StepExecutor(kernel);
    reconciler =
        new Reconciler(
            kernel,
            executor,
            view,
            pods,
            publisher,
            plugin,
            List.of(),
            new DaemonMetrics(new PrometheusRegistry()));
    view.start(client, namespace);
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
