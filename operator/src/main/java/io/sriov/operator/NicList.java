package io.sriov.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.sriov.api.Names;
import io.sriov.kube.SettingException;
import io.sriov.operator.cluster.Outage;
import io.sriov.plan.deviceplugin.SupportedNics;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cards that the installer supports, from ConfigMap {@code supported-nic-ids}. */
final class NicList {

  private static final Logger log = LoggerFactory.getLogger(NicList.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private NicList() {}

  /**
   * Reads the list; waits for an API server that is away.
   *
   * @throws SettingException if there is no list, or it is malformed
   */
  static SupportedNics read(KubernetesClient client, String namespace) throws InterruptedException {
    String key = "ConfigMap " + namespace + "/" + Names.SUPPORTED_NICS_CONFIG_MAP;
    @Nullable ConfigMap list = fetch(client, namespace, key);
    if (list == null) {
      throw new SettingException(key, "not found; the chart and the manifests install it");
    }
    try {
      return SupportedNics.parse(list.getData() == null ? Map.of() : list.getData());
    } catch (IllegalArgumentException e) {
      throw new SettingException(key, String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable ConfigMap fetch(KubernetesClient client, String namespace, String key)
      throws InterruptedException {
    // Repeated here, where it is said: the client would be silent for half a minute.
    KubernetesClient once =
        client
            .newClient(new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build())
            .adapt(KubernetesClient.class);
    while (true) {
      try {
        return once.configMaps()
            .inNamespace(namespace)
            .withName(Names.SUPPORTED_NICS_CONFIG_MAP)
            .get();
      } catch (KubernetesClientException e) {
        if (!Outage.explains(e)) {
          throw new SettingException(key, "cannot be read: " + e.getMessage());
        }
        log.warn("{} cannot be read, trying again: {}", key, Outage.text(e));
        // A server that is away tells nobody when it is back.
        Thread.sleep(PAUSE);
      }
    }
  }
}
