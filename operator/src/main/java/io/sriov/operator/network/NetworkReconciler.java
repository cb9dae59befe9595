package io.sriov.operator.network;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import io.sriov.api.NetworkAttachmentDefinition;
import io.sriov.api.NetworkStatus;
import io.sriov.kube.Conditions;
import io.sriov.kube.DesiredCondition;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.Finalizers;
import io.sriov.operator.cluster.Owner;
import io.sriov.operator.queue.Next;
import io.sriov.plan.network.Attachment;
import io.sriov.plan.network.Network;
import io.sriov.plan.network.NetworkError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One network: its NetworkAttachmentDefinition and its condition {@code Ready}. */
public final class NetworkReconciler {

  private static final String INVALID = "NetworkAttachmentDefinitionInvalid";

  private final KubernetesClient client;
  private final Cluster cluster;
  private final Networks networks;
  private final String resourcePrefix;
  private final Predicate<Network> pluginInstalled;
  private final Conditions conditions;
  private final Finalizers finalizers;
  private final Attachments attachments;

  /**
   * @param resourcePrefix as in {@code openshift.io/pool}
   * @param pluginInstalled whether the CNI plugin that a network needs comes with our workloads
   */
  public NetworkReconciler(
      KubernetesClient client,
      Cluster cluster,
      Networks networks,
      String resourcePrefix,
      Predicate<Network> pluginInstalled,
      Conditions conditions) {
    this.client = client;
    this.cluster = cluster;
    this.networks = networks;
    this.resourcePrefix = resourcePrefix;
    this.pluginInstalled = pluginInstalled;
    this.conditions = conditions;
    this.finalizers = new Finalizers(client);
    this.attachments = new Attachments(client, cluster);
  }

  public Next reconcile(NetworkKey key) {
    Optional<? extends CustomResource<?, NetworkStatus>> found = networks.find(key);
    if (found.isEmpty()) {
      // Its finalizer may have been taken away while no operator was there to clean up.
      attachments.deleteAllOf(owner(key));
      return Next.EVENT;
    }
    CustomResource<?, NetworkStatus> network = found.get();
    if (network.isMarkedForDeletion()) {
      attachments.deleteAllOf(owner(key));
      finalizers.remove(network, Names.NETWORK_FINALIZER);
      return Next.EVENT;
    }
    Network wanted = Networks.network(network).orElse(null);
    if (wanted == null) {
      report(network, DesiredCondition.fails("Ready", INVALID, "The network has no spec"));
      return Next.EVENT;
    }
    provide(network, key, wanted);
    return Next.EVENT;
  }

  private void provide(CustomResource<?, NetworkStatus> seen, NetworkKey key, Network wanted) {
    boolean ours = key.namespace().equals(cluster.namespace());
    if (!ours && wanted.networkNamespace() != null && !wanted.networkNamespace().isEmpty()) {
      report(
          seen,
          DesiredCondition.fails(
              "Ready",
              INVALID,
              "spec.networkNamespace cannot be set when the resource is not in the operator"
                  + " namespace (%s)".formatted(cluster.namespace())));
      return;
    }
    CustomResource<?, NetworkStatus> network = seen;
    if (ours) {
      network = finalizers.add(seen, Names.NETWORK_FINALIZER);
      networks.remember(network);
    }
    Attachment attachment;
    try {
      attachment = Attachment.of(key.namespace(), key.name(), wanted, resourcePrefix);
    } catch (NetworkError e) {
      report(network, DesiredCondition.fails("Ready", INVALID, String.valueOf(e.getMessage())));
      return;
    }
    leaveFormerNamespace(network, key, attachment.namespace());
    DesiredCondition written = write(network, key, attachment);
    boolean believed =
        written.status() != DesiredCondition.Status.TRUE || pluginInstalled.test(wanted);
    report(network, believed ? written : withoutPlugin(wanted));
  }

  private DesiredCondition write(
      CustomResource<?, NetworkStatus> network, NetworkKey key, Attachment attachment) {
    Optional<NetworkAttachmentDefinition> live =
        cluster.attachments.get(attachment.namespace(), attachment.name());
    if (live.isEmpty() && cluster.namespaces.get(attachment.namespace()).isEmpty()) {
      return DesiredCondition.fails(
          "Ready",
          "NamespaceNotFound",
          "target namespace \"%s\" does not exist".formatted(attachment.namespace()));
    }
    String owner = live.map(Attachments::owner).orElse("");
    if (!owner.isEmpty() && !owner.equals(owner(key))) {
      return DesiredCondition.fails(
          "Ready",
          INVALID,
          "NetworkAttachmentDefinition '%s/%s' already exists and is owned by %s"
              .formatted(attachment.namespace(), attachment.name(), owner));
    }
    try {
      attachments.write(
          live, attachment, sameNamespace(key, attachment) ? Owner.plain(network) : null);
      rememberNamespace(network, attachment.namespace());
    } catch (KubernetesClientException e) {
      report(network, DesiredCondition.fails("Ready", INVALID, String.valueOf(e.getMessage())));
      throw e;
    }
    return DesiredCondition.holds(
        "Ready", "NetworkReady", "NetworkAttachmentDefinition is provisioned and ready");
  }

  /** Others may have installed it: of that we know nothing. */
  private static DesiredCondition withoutPlugin(Network network) {
    return DesiredCondition.unknown(
        "Ready",
        "PluginNotInstalled",
        "NetworkAttachmentDefinition is provisioned, but no image is given for the CNI plugin of a %s:"
                .formatted(network.kind())
            + " set OVS_CNI_IMAGE (chart: images.ovsCni), or see to it yourself that the nodes have"
            + " the plugin");
  }

  private static boolean sameNamespace(NetworkKey key, Attachment attachment) {
    return key.namespace().equals(attachment.namespace());
  }

  private void leaveFormerNamespace(
      CustomResource<?, NetworkStatus> network, NetworkKey key, String target) {
    String former = lastNamespace(network);
    if (former != null && !former.isEmpty() && !former.equals(target)) {
      attachments.delete(former, key.name(), owner(key));
    }
  }

  private void rememberNamespace(CustomResource<?, NetworkStatus> network, String target) {
    if (!target.equals(lastNamespace(network))) {
      networks.remember(
          client
              .resource(network)
              .patch(
                  PatchContext.of(PatchType.JSON_MERGE),
                  client
                      .getKubernetesSerialization()
                      .asJson(
                          Map.of(
                              "metadata",
                              Map.of(
                                  "annotations", Map.of(Names.LAST_NETWORK_NAMESPACE, target))))));
    }
  }

  private static @Nullable String lastNamespace(CustomResource<?, NetworkStatus> network) {
    Map<String, String> annotations = network.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(Names.LAST_NETWORK_NAMESPACE);
  }

  private static String owner(NetworkKey key) {
    return Attachment.owner(key.kind(), key.namespace(), key.name());
  }

  private void report(CustomResource<?, NetworkStatus> network, DesiredCondition ready) {
    var unused =
        conditions.apply(
            network,
            network.getStatus() == null ? List.of() : network.getStatus().conditions(),
            List.of(ready));
  }
}
