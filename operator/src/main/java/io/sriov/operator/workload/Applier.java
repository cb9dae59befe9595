package io.sriov.operator.workload;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Server-side apply with one field manager: what others added stays, what is no longer rendered
 * goes.
 */
public final class Applier {

  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(Names.OPERATOR)
          .withForce(true)
          .build();

  private final KubernetesClient client;

  public Applier(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Applies {@code object}, controlled by {@code owner}.
   *
   * @return the object as the API server has it then
   * @throws io.fabric8.kubernetes.client.KubernetesClientException when it is refused, e.g. because
   *     somebody else controls the object
   */
  public <T extends HasMetadata> T apply(T object, OwnerReference owner) {
    object.getMetadata().setOwnerReferences(List.of(owner));
    takeOver(client.resource(object).get());
    return client.resource(object).patch(APPLY);
  }

  /**
   * The Go operator wrote the same objects by update, under the same name. Its entries become ours:
   * otherwise what only it rendered, such as an init container, would stay for ever.
   */
  private void takeOver(@Nullable HasMetadata live) {
    if (live == null || live.getMetadata().getManagedFields() == null) {
      return;
    }
    List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
    List<Map<String, Object>> patch = new ArrayList<>();
    patch.add(
        Map.of(
            "op",
            "test",
            "path",
            "/metadata/resourceVersion",
            "value",
            live.getMetadata().getResourceVersion()));
    for (int i = 0; i < entries.size(); i++) {
      if (writtenByUpdate(entries.get(i))) {
        String operation = "/metadata/managedFields/" + i + "/operation";
        patch.add(Map.of("op", "replace", "path", operation, "value", "Apply"));
      }
    }
    if (patch.size() > 1) {
      client
          .resource(live)
          .patch(
              PatchContext.of(PatchType.JSON), client.getKubernetesSerialization().asJson(patch));
    }
  }

  private static boolean writtenByUpdate(ManagedFieldsEntry entry) {
    return Names.OPERATOR.equals(entry.getManager())
        && "Update".equals(entry.getOperation())
        && (entry.getSubresource() == null || entry.getSubresource().isEmpty());
  }
}
