package io.sriov.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.Names;
import io.sriov.kube.ClusterClient;
import io.sriov.kube.Events;
import io.sriov.kube.HttpEndpoints;
import io.sriov.kube.Leadership;
import io.sriov.kube.Lifecycle;
import io.sriov.kube.log.Logging;
import io.sriov.operator.cluster.Cluster;
import io.sriov.plan.deviceplugin.SupportedNics;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Process {@code sriov-network-operator}.
 *
 * <p>With the first argument {@code config-cleanup} it removes the configuration instead and ends:
 * the chart's hook before an uninstall.
 */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    Logging.start();
    Map<String, String> environment = System.getenv();
    boolean cleanup = arguments.length > 0 && arguments[0].equals(ConfigCleanup.COMMAND);
    System.exit(
        Lifecycle.run(
            Names.OPERATOR,
            lifecycle -> {
              if (cleanup) {
                String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
                ConfigCleanup.read(environment, rest).run();
                lifecycle.stop();
              } else {
                start(lifecycle, OperatorSettings.read(environment, arguments));
              }
            }));
  }

  private static void start(Lifecycle lifecycle, OperatorSettings settings) throws Exception {
    Clock clock = Clock.systemUTC();
    KubernetesClient client =
        lifecycle.closeAtEnd(ClusterClient.open(settings.kubeconfig(), Names.OPERATOR));
    SupportedNics nics = NicList.read(client, settings.namespace());
    Events events =
        lifecycle.closeAtEnd(new Events(client, clock, Names.OPERATOR, settings.identity()));
    PrometheusRegistry registry = new PrometheusRegistry();
    Cluster cluster = lifecycle.closeAtEnd(new Cluster(client, settings.namespace()));
    AtomicBoolean leading = new AtomicBoolean();
    AtomicBoolean lost = new AtomicBoolean();
    lifecycle.closeAtEnd(
        HttpEndpoints.start(
            settings.health(),
            () -> leading.get() ? cluster.notRunning() : Optional.empty(),
            settings.metrics(),
            registry));

    Leadership leadership =
        lifecycle.closeAtEnd(
            Leadership.contest(
                client,
                settings.namespace(),
                Names.OPERATOR,
                settings.identity(),
                () -> {
                  lost.set(true);
                  leading.set(false);
                  lifecycle.fail(
                      "leadership",
                      new IllegalStateException("the lease is another's, or about to end"));
                }));
    leadership.await();

    Operator operator = new Operator(client, cluster, settings, nics, events, registry, clock);
    lifecycle.closeAtEnd(() -> {
      operator.close();
      if (leading.get() && !lost.get()) {
        operator.releaseNetworks();
      }
    });
    operator.start();
    leading.set(!lost.get());
  }
}
