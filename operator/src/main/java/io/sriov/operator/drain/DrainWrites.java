package io.sriov.operator.drain;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.operator.cluster.Cluster;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a drain writes. Every write carries the version that was read: a step that was decided from
 * older facts, or that another operator has done already, is refused with 409 and decided anew.
 */
final class DrainWrites {

  private final KubernetesClient client;
  private final Cluster cluster;

  DrainWrites(KubernetesClient client, Cluster cluster) {
    this.client = client;
    this.cluster = cluster;
  }

  /** No new pods from now on; with our mark, so that it is known whose cordon it is. */
  Node cordon(Node node) {
    return patch(node, Map.of(Names.CORDONED, "true"), true);
  }

  /** Takes our cordon and its mark away. */
  Node uncordon(Node node) {
    Map<String, @Nullable String> mark = new HashMap<>();
    mark.put(Names.CORDONED, null);
    return patch(node, mark, false);
  }

  private Node patch(
      Node node, Map<String, ? extends @Nullable String> annotations, boolean unschedulable) {
    Node written =
        client
            .resource(node)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                json(
                    Map.of(
                        "metadata",
                        metadata(node, annotations),
                        "spec",
                        Map.of("unschedulable", unschedulable))));
    cluster.nodes.remember(written);
    return written;
  }

  /**
   * Sets annotations of a node state.
   *
   * @param annotations null removes one
   */
  SriovNetworkNodeState annotate(
      SriovNetworkNodeState state, Map<String, ? extends @Nullable String> annotations) {
    SriovNetworkNodeState written =
        client
            .resource(state)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                json(Map.of("metadata", metadata(state, annotations))));
    cluster.nodeStates.remember(written);
    return written;
  }

  private static Map<String, Object> metadata(
      HasMetadata object, Map<String, ? extends @Nullable String> annotations) {
    return Map.of(
        "annotations", annotations, "resourceVersion", object.getMetadata().getResourceVersion());
  }

  private String json(Object patch) {
    return client.getKubernetesSerialization().asJson(patch);
  }
}
