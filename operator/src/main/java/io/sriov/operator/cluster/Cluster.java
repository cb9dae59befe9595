package io.sriov.operator.cluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.sriov.api.Names;
import io.sriov.api.NetworkAttachmentDefinition;
import io.sriov.api.OVSNetwork;
import io.sriov.api.SriovIBNetwork;
import io.sriov.api.SriovNetwork;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkPoolConfig;
import io.sriov.api.SriovOperatorConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything the operator looks at. */
public final class Cluster implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);
  private static final Duration SYNC_LIMIT = Duration.ofMinutes(2);

  private final Map<String, Cache<?>> caches = new LinkedHashMap<>();
  private final KubernetesClient client;
  private final String namespace;

  public final Cache<SriovOperatorConfig> configs;
  public final Cache<Node> nodes;
  public final Cache<SriovNetworkNodeState> nodeStates;
  public final Cache<SriovNetworkNodePolicy> policies;
  public final Cache<SriovNetworkPoolConfig> pools;
  public final Cache<ConfigMap> devicePluginConfig;
  public final Cache<DaemonSet> daemonSets;
  public final Cache<SriovNetwork> sriovNetworks;
  public final Cache<SriovIBNetwork> sriovIbNetworks;
  public final Cache<OVSNetwork> ovsNetworks;
  public final Cache<NetworkAttachmentDefinition> attachments;
  public final Cache<Namespace> namespaces;

  /**
   * @param namespace where the operator and its own objects live
   */
  public Cluster(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    configs = inNamespace(client, SriovOperatorConfig.class);
    nodes = add(Node.class, new Cache<>(client.nodes()));
    nodeStates = inNamespace(client, SriovNetworkNodeState.class);
    policies = inNamespace(client, SriovNetworkNodePolicy.class);
    pools = inNamespace(client, SriovNetworkPoolConfig.class);
    daemonSets = inNamespace(client, DaemonSet.class);
    devicePluginConfig =
        add(
            ConfigMap.class,
            new Cache<>(
                client
                    .configMaps()
                    .inNamespace(namespace)
                    .withName(Names.DEVICE_PLUGIN_CONFIG_MAP)));
    sriovNetworks = everywhere(client, SriovNetwork.class);
    sriovIbNetworks = everywhere(client, SriovIBNetwork.class);
    ovsNetworks = everywhere(client, OVSNetwork.class);
    attachments = everywhere(client, NetworkAttachmentDefinition.class);
    namespaces = add(Namespace.class, new Cache<>(client.namespaces()));
  }

  public String namespace() {
    return namespace;
  }

  /** The one configuration in use; empty until the installer has made it. */
  public Optional<SriovOperatorConfig> config() {
    return configs.get(namespace, Names.DEFAULT);
  }

  /**
   * Reads everything once and begins to follow it.
   *
   * @throws IllegalStateException naming the kind that cannot be read, e.g. because its CRD is not
   *     installed
   */
  public void start() throws InterruptedException {
    // One alone first: the others use its connection, or shorten their handshakes by its session.
    var first = caches.entrySet().iterator().next();
    await(first.getKey(), first.getValue().start().toCompletableFuture());
    var starting =
        caches.entrySet().stream()
            .skip(1)
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    cache -> cache.getValue().start().toCompletableFuture(),
                    (a, _) -> a,
                    LinkedHashMap::new));
    for (var cache : starting.entrySet()) {
      await(cache.getKey(), cache.getValue());
    }
    catchUp();
  }

  /**
   * A cache begins with what one API server remembers, and that may be older than what another one
   * answered to the operator before us. Slots are counted by nodes and node states.
   */
  private void catchUp() {
    while (true) {
      try {
        client.nodes().list().getItems().forEach(nodes::remember);
        client
            .resources(SriovNetworkNodeState.class)
            .inNamespace(namespace)
            .list()
            .getItems()
            .forEach(nodeStates::remember);
        return;
      } catch (KubernetesClientException e) {
        // The client has repeated the request for seconds.
        if (!Outage.explains(e)) {
          throw e;
        }
        log.warn("Cannot read the nodes yet: {}; waiting on", Outage.text(e));
      }
    }
  }

  private void await(String kind, CompletableFuture<Void> started) throws InterruptedException {
    while (true) {
      try {
        started.get(SYNC_LIMIT.toSeconds(), TimeUnit.SECONDS);
        return;
      } catch (ExecutionException | TimeoutException e) {
        if (e instanceof TimeoutException
            && Objects.requireNonNull(caches.get(kind)).waitsForServer()) {
          log.warn("Cannot read {} yet: the API server does not answer; waiting on", kind);
          continue;
        }
        throw new IllegalStateException(
            "cannot read %s: %s; is its CRD installed and the operator allowed to list it?"
                .formatted(kind, e.getMessage()),
            e);
      }
    }
  }

  /** Why the caches are not to be trusted, empty when they are. */
  public Optional<String> notRunning() {
    return caches.entrySet().stream()
        .filter(cache -> !cache.getValue().isRunning())
        .map(cache -> "no longer following " + cache.getKey())
        .findFirst();
  }

  @Override
  public void close() {
    caches.values().forEach(Cache::close);
  }

  private <T extends HasMetadata> Cache<T> inNamespace(KubernetesClient client, Class<T> kind) {
    return add(kind, new Cache<>(client.resources(kind).inNamespace(namespace)));
  }

  private <T extends HasMetadata> Cache<T> everywhere(KubernetesClient client, Class<T> kind) {
    return add(kind, new Cache<>(client.resources(kind).inAnyNamespace()));
  }

  private <T extends HasMetadata> Cache<T> add(Class<T> kind, Cache<T> cache) {
    caches.put(HasMetadata.getFullResourceName(kind), cache);
    return cache;
  }
}
