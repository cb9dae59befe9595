package io.sriov.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.sriov.api.Names;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.kube.ClusterClient;
import io.sriov.kube.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Deletes SriovOperatorConfig {@code default} and waits until the running operator has let it go
 * (spec 02 §6.1): then everything it owns is being collected, and an uninstall may go on.
 *
 * @param namespace {@code --namespace} or {@code -n}, required
 * @param limit {@code --watch-timeout} or {@code -w}, seconds, default 10
 * @param kubeconfig {@code --kubeconfig} or {@code KUBECONFIG}: out of a cluster
 */
record ConfigCleanup(String namespace, Duration limit, Optional<Path> kubeconfig) {

  static final String COMMAND = "config-cleanup";

  static ConfigCleanup read(Map<String, String> environment, String... arguments) {
    Settings settings = Settings.of(environment, arguments);
    var shortName = settings.flag("n");
    var shortLimit = settings.flag("w");
    ConfigCleanup read =
        new ConfigCleanup(
            shortName.text().orElseGet(() -> settings.flag("namespace").required()),
            Duration.ofSeconds(
                shortLimit
                    .integer(1, 3600)
                    .or(() -> settings.flag("watch-timeout").integer(1, 3600))
                    .orElse(10)),
            settings.flagOrEnv("kubeconfig", "KUBECONFIG").as(Path::of));
    settings.refuseRest();
    return read;
  }

  void run() {
    try (KubernetesClient client = ClusterClient.open(kubeconfig, Names.OPERATOR)) {
      run(client);
    }
  }

  /**
   * @throws IllegalStateException if it is still there when the time is over
   */
  void run(KubernetesClient client) {
    Resource<SriovOperatorConfig> config =
        client.resources(SriovOperatorConfig.class).inNamespace(namespace).withName(Names.DEFAULT);
    try {
      if (config.delete().isEmpty()) {
        return;
      }
      var unused =
          config.waitUntilCondition(Objects::isNull, limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (KubernetesClientTimeoutException e) {
      throw new IllegalStateException(
          "context deadline exceeded: SriovOperatorConfig %s/%s still there after %d s; is the operator running?"
              .formatted(namespace, Names.DEFAULT, limit.toSeconds()),
          e);
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) {
        throw e;
      }
    }
  }
}
