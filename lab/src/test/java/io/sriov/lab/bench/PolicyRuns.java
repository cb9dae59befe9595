package io.sriov.lab.bench;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Times from the creation of a policy to what a watching user sees, and back. */
final class PolicyRuns {

  private static final String NAMESPACE = "sriov-network-operator";
  private static final ResourceDefinitionContext STATES = context("SriovNetworkNodeState");
  private static final ResourceDefinitionContext POLICIES = context("SriovNetworkNodePolicy");

  private final KubernetesClient client;
  private final String node;

  final List<Double> succeeded = new ArrayList<>();
  final List<Double> allocatable = new ArrayList<>();
  final List<Double> deleted = new ArrayList<>();

  PolicyRuns(KubernetesClient client, String node) {
    this.client = client;
    this.node = node;
  }

  private static ResourceDefinitionContext context(String kind) {
    return new ResourceDefinitionContext.Builder()
        .withGroup("sriovnetwork.openshift.io")
        .withVersion("v1")
        .withKind(kind)
        .withNamespaced(true)
        .build();
  }

  /**
   * One cycle: create a policy of {@code vfs} VFs on each of {@code pfs}, await all, delete it,
   * await zero VFs.
   */
  void run(List<String> pfs, int vfs) throws Exception {
    GenericKubernetesResource policy =
        Serialization.unmarshal(
            """
            apiVersion: sriovnetwork.openshift.io/v1
            kind: SriovNetworkNodePolicy
            metadata: {name: bench, namespace: %s}
            spec:
              resourceName: bench
              nodeSelector: {kubernetes.io/hostname: %s}
              numVfs: %d
              nicSelector: {pfNames: %s}
            """
                .formatted(NAMESPACE, node, vfs, pfs),
            GenericKubernetesResource.class);
    String total = Integer.toString(vfs * pfs.size());

    long begin;
    try (Awaited made = new Awaited(s -> isAt(s, pfs, vfs));
        AwaitedNode offered = new AwaitedNode(n -> offers(n).equals(total))) {
      begin = System.nanoTime();
      client.resource(policy).create();
      succeeded.add(made.millisAfter(begin));
      allocatable.add(offered.millisAfter(begin));
    }
    try (Awaited gone = new Awaited(s -> isAt(s, pfs, 0));
        AwaitedNode withdrawn =
            new AwaitedNode(n -> offers(n).isEmpty() || offers(n).equals("0"))) {
      begin = System.nanoTime();
      client.genericKubernetesResources(POLICIES).inNamespace(NAMESPACE).withName("bench").delete();
      deleted.add(gone.millisAfter(begin));
      withdrawn.millisAfter(begin);
    }
  }

  private static String offers(Node node) {
    Quantity quantity = node.getStatus().getAllocatable().get("openshift.io/bench");
    return quantity == null ? "" : quantity.getAmount();
  }

  @SuppressWarnings("unchecked")
  private static boolean isAt(GenericKubernetesResource state, List<String> pfs, int vfs) {
    Map<String, Object> status =
        (Map<String, Object>) state.getAdditionalProperties().getOrDefault("status", Map.of());
    if (!"Succeeded".equals(status.get("syncStatus"))) {
      return false;
    }
    var interfaces = (List<Map<String, Object>>) status.getOrDefault("interfaces", List.of());
    return interfaces.stream()
            .filter(i -> pfs.contains(i.get("name")))
            .filter(i -> ((Number) i.getOrDefault("numVfs", 0)).intValue() == vfs)
            .count()
        == pfs.size();
  }

  /** The first time since its making that the watched object fulfils a condition. */
  private abstract static class Seen<T> implements Watcher<T>, AutoCloseable {
    private final Predicate<T> condition;
    private final CompletableFuture<Long> seen = new CompletableFuture<>();
    Watch watch;

    Seen(Predicate<T> condition) {
      this.condition = condition;
    }

    @Override
    public void eventReceived(Action action, T object) {
      if (action != Action.DELETED && condition.test(object)) {
        seen.complete(System.nanoTime());
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      seen.completeExceptionally(cause);
    }

    double millisAfter(long begin) throws Exception {
      return (seen.get(3, TimeUnit.MINUTES) - begin) / 1e6;
    }

    @Override
    public void close() {
      watch.close();
    }
  }

  private final class Awaited extends Seen<GenericKubernetesResource> {
    Awaited(Predicate<GenericKubernetesResource> condition) {
      super(condition);
      var resource =
          client.genericKubernetesResources(STATES).inNamespace(NAMESPACE).withName(node);
      // From now on: the state before the change must not be taken for the one after it.
      watch =
          client
              .genericKubernetesResources(STATES)
              .inNamespace(NAMESPACE)
              .withName(node)
              .watch(fromVersion(resource.get().getMetadata().getResourceVersion()), this);
    }
  }

  private final class AwaitedNode extends Seen<Node> {
    AwaitedNode(Predicate<Node> condition) {
      super(condition);
      var resource = client.nodes().withName(node);
      watch = resource.watch(fromVersion(resource.get().getMetadata().getResourceVersion()), this);
    }
  }

  private static io.fabric8.kubernetes.api.model.ListOptions fromVersion(String version) {
    return new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
        .withResourceVersion(version)
        .build();
  }
}
