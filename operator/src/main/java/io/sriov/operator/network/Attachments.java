package io.sriov.operator.network;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.sriov.api.Names;
import io.sriov.api.NetworkAttachmentDefinition;
import io.sriov.operator.cluster.Cluster;
import io.sriov.plan.network.Attachment;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes and deletes NetworkAttachmentDefinitions, only those that are ours. */
final class Attachments {

  private final KubernetesClient client;
  private final Cluster cluster;

  Attachments(KubernetesClient client, Cluster cluster) {
    this.client = client;
    this.cluster = cluster;
  }

  /** Value of the annotation that names the network; empty if there is none. */
  static String owner(NetworkAttachmentDefinition attachment) {
    return annotations(attachment).getOrDefault(Names.OWNER_REF, "");
  }

  /**
   * Creates the definition or replaces the live one as a whole; nothing if configuration and
   * annotations are equal.
   *
   * @param owner reference for the garbage collector, null if the network is in another namespace
   */
  void write(
      Optional<NetworkAttachmentDefinition> live,
      Attachment wanted,
      @Nullable OwnerReference owner) {
    NetworkAttachmentDefinition definition = new NetworkAttachmentDefinition();
    definition.setMetadata(
        new ObjectMetaBuilder()
            .withName(wanted.name())
            .withNamespace(wanted.namespace())
            .withAnnotations(wanted.annotations())
            .build());
    definition.setSpec(new NetworkAttachmentDefinition.Spec(wanted.config()));
    if (owner != null) {
      definition.addOwnerReference(owner);
    }
    if (live.isEmpty()) {
      cluster.attachments.remember(client.resource(definition).create());
    } else if (!equal(live.get(), wanted)) {
      definition.getMetadata().setResourceVersion(live.get().getMetadata().getResourceVersion());
      cluster.attachments.remember(client.resource(definition).update());
    }
  }

  /** Deletes the definition if {@code owner} is its owner; one that is gone is fine. */
  void delete(String namespace, String name, String owner) {
    cluster
        .attachments
        .get(namespace, name)
        .filter(attachment -> owner(attachment).equals(owner))
        .ifPresent(this::delete);
  }

  /** Deletes what {@code owner} has, in whatever namespace. */
  void deleteAllOf(String owner) {
    cluster.attachments.list().stream()
        .filter(attachment -> owner(attachment).equals(owner))
        .forEach(this::delete);
  }

  private void delete(NetworkAttachmentDefinition attachment) {
    var unused = client.resource(attachment).delete();
  }

  private static boolean equal(NetworkAttachmentDefinition live, Attachment wanted) {
    return live.getSpec() != null
        && wanted.config().equals(live.getSpec().config())
        && wanted.annotations().equals(annotations(live));
  }

  private static Map<String, String> annotations(NetworkAttachmentDefinition attachment) {
    Map<String, String> annotations = attachment.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }
}
