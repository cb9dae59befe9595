package io.sriov.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Adds and removes a finalizer by a merge patch of the finalizers alone: a full update would drop
 * zero values that the user set explicitly (spec 01 §1.10).
 */
public final class Finalizers {

  private final KubernetesClient client;

  public Finalizers(KubernetesClient client) {
    this.client = client;
  }

  /** The object with {@code finalizer}; no call if it has it already. */
  public <T extends HasMetadata> T add(T object, String finalizer) {
    if (object.hasFinalizer(finalizer)) {
      return object;
    }
    List<String> finalizers = new ArrayList<>(object.getFinalizers());
    finalizers.add(finalizer);
    return patch(object, finalizers);
  }

  /**
   * Lets the object go; one that is gone is fine, and no call if it does not have {@code
   * finalizer}.
   */
  public <T extends HasMetadata> void remove(T object, String finalizer) {
    if (object.hasFinalizer(finalizer)) {
      List<String> finalizers = new ArrayList<>(object.getFinalizers());
      finalizers.remove(finalizer);
      try {
        var unused = patch(object, finalizers);
      } catch (KubernetesClientException e) {
        if (e.getCode() != 404) {
          throw e;
        }
      }
    }
  }

  /** With the resource version, so that a finalizer that somebody else adds meanwhile stays. */
  private <T extends HasMetadata> T patch(T object, List<String> finalizers) {
    Map<String, Object> metadata =
        Map.of(
            "finalizers", finalizers, "resourceVersion", object.getMetadata().getResourceVersion());
    return client
        .resource(object)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(Map.of("metadata", metadata)));
  }
}
