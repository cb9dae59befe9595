package io.sriov.kube;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the status of a custom resource as a JSON merge patch (RFC 7386), only if it differs. */
public final class StatusPatch {

  private final KubernetesClient client;

  public StatusPatch(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Brings the status of {@code object} to {@code status}: sends the fields that differ, removes
   * those that went away, replaces lists as a whole. There is no precondition on the resource
   * version: the status has one writer.
   *
   * @return the object as the API server answered, or {@code object} itself if nothing differs
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server refuses; code
   *     404 if the object is gone
   */
  public <S, R extends CustomResource<?, S>> R apply(R object, S status) {
    return apply(object, status, Set.of());
  }

  /**
   * As {@link #apply(CustomResource, Object)}, where others write parts of the lists in {@code
   * shared}, e.g. {@code conditions}: if one of these differs, the API server refuses with code 409
   * unless {@code object} is what it has, so that nobody's part is lost.
   */
  public <S, R extends CustomResource<?, S>> R apply(R object, S status, Set<String> shared) {
    if (Objects.equals(object.getStatus(), status)) {
      // Most of the time: to find it out from the JSON would be a third of a pass of the daemon.
      return object;
    }
    var difference = difference(asMap(object.getStatus()), Objects.requireNonNull(asMap(status)));
    if (difference.isEmpty()) {
      return object;
    }
    Map<String, Object> patch =
        Collections.disjoint(difference.keySet(), shared)
            ? Map.of("status", difference)
            : Map.of(
                "metadata",
                Map.of("resourceVersion", object.getMetadata().getResourceVersion()),
                "status",
                difference);
    return client
        .resource(object)
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(patch));
  }

  /** What turns {@code from} into {@code to} by RFC 7386: null removes a field. */
  static Map<String, @Nullable Object> difference(Map<?, ?> from, Map<?, ?> to) {
    var result = new LinkedHashMap<String, @Nullable Object>();
    to.forEach((key, wanted) -> {
      var found = from.get(key);
      if (wanted instanceof Map<?, ?> inner && found instanceof Map<?, ?> innerFound) {
        var nested = difference(innerFound, inner);
        if (!nested.isEmpty()) {
          result.put(key.toString(), nested);
        }
      } else if (!Objects.equals(wanted, found)) {
        result.put(key.toString(), wanted);
      }
    });
    from.forEach((key, found) -> {
      if (found != null && !to.containsKey(key)) {
        result.put(key.toString(), null);
      }
    });
    return result;
  }

  private Map<?, ?> asMap(@Nullable Object status) {
    return status == null
        ? Map.of()
        : client.getKubernetesSerialization().convertValue(status, Map.class);
  }
}
