package io.sriov.operator.node;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.Owner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * ConfigMap {@code device-plugin-config}, one key a node. Each key is merged by itself, so that
 * nodes reconciled at the same time do not undo each other's.
 */
final class PluginConfigMap {

  private final KubernetesClient client;
  private final Cluster cluster;

  PluginConfigMap(KubernetesClient client, Cluster cluster) {
    this.client = client;
    this.cluster = cluster;
  }

  void set(String node, String json, SriovOperatorConfig config) {
    Optional<ConfigMap> present = present();
    if (present.isEmpty()) {
      create(Map.of(node, json), config);
    } else if (!json.equals(data(present.get()).get(node))) {
      merge(node, json);
    }
    if (present.isPresent()
        && !List.of(Owner.controller(config))
            .equals(present.get().getMetadata().getOwnerReferences())) {
      own(config);
    }
  }

  void remove(String node) {
    if (present().filter(map -> data(map).containsKey(node)).isPresent()) {
      merge(node, null);
    }
  }

  private Optional<ConfigMap> present() {
    return cluster.devicePluginConfig.get(cluster.namespace(), Names.DEVICE_PLUGIN_CONFIG_MAP);
  }

  private static Map<String, String> data(ConfigMap map) {
    return map.getData() == null ? Map.of() : map.getData();
  }

  private void create(Map<String, String> data, SriovOperatorConfig config) {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(Names.DEVICE_PLUGIN_CONFIG_MAP)
            .withNamespace(cluster.namespace())
            .withOwnerReferences(Owner.controller(config))
            .endMetadata()
            .withData(data)
            .build();
    try {
      cluster.devicePluginConfig.remember(client.resource(map).create());
    } catch (KubernetesClientException e) {
      if (e.getCode() != 409) {
        throw e;
      }
      data.forEach(this::merge);
    }
  }

  private void merge(String node, @Nullable String json) {
    Map<String, @Nullable String> entry = new HashMap<>();
    entry.put(node, json);
    patch(Map.of("data", entry));
  }

  private void own(SriovOperatorConfig config) {
    patch(Map.of("metadata", Map.of("ownerReferences", List.of(Owner.controller(config)))));
  }

  private void patch(Map<String, ?> patch) {
    cluster.devicePluginConfig.remember(
        client
            .resource(named())
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                client.getKubernetesSerialization().asJson(patch)));
  }

  /** Enough for a patch: the client reads an object that it knows by name alone first. */
  private ConfigMap named() {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(Names.DEVICE_PLUGIN_CONFIG_MAP)
        .withNamespace(cluster.namespace())
        .endMetadata()
        .build();
  }
}
