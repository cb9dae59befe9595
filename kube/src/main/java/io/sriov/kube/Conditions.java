package io.sriov.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * The one place where conditions are written: server-side apply on the {@code status} subresource,
 * so that writers with other field managers keep theirs; no call when nothing differs; one event a
 * transition (spec 01 §2.4).
 */
public final class Conditions {

  private static final String ACTION = "StatusChange";

  private final KubernetesClient client;
  private final Events events;
  private final Clock clock;
  private final String fieldManager;

  /**
   * @param fieldManager e.g. {@code sriov-network-operator}; two writers of conditions of one
   *     object need two names
   */
  public Conditions(KubernetesClient client, Events events, Clock clock, String fieldManager) {
    this.client = client;
    this.events = events;
    this.clock = clock;
    this.fieldManager = fieldManager;
  }

  /**
   * Brings the conditions of {@code object} to {@code desired}.
   *
   * @param stored the conditions that {@code object} has, from anybody
   * @param desired every condition of this field manager: one it applied before and leaves out now
   *     is removed by the API server
   * @return the conditions the object has afterwards, as far as {@code stored} was current
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server refuses; code
   *     404 if the object is gone
   */
  public List<Condition> apply(
      HasMetadata object, List<Condition> stored, List<DesiredCondition> desired) {
    var generation = object.getMetadata().getGeneration();
    var update =
        ConditionUpdate.of(stored, desired, generation == null ? 0 : generation, clock.instant());
    if (update.transitions().isEmpty()) {
      return stored;
    }
    client
        .genericKubernetesResources(ResourceDefinitionContext.fromResourceType(object.getClass()))
        .inNamespace(object.getMetadata().getNamespace())
        .withName(object.getMetadata().getName())
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(fieldManager)
                .withForce(true)
                .build(),
            statusOnly(object, update.conditions()));
    for (var transition : update.transitions()) {
      events.normal(object, transition.eventReason(), ACTION, transition.condition().getMessage());
    }
    return update.over(stored);
  }

  private static GenericKubernetesResource statusOnly(
      HasMetadata object, List<Condition> conditions) {
    return new GenericKubernetesResourceBuilder()
        .withApiVersion(object.getApiVersion())
        .withKind(object.getKind())
        .withNewMetadata()
        .withName(object.getMetadata().getName())
        .withNamespace(object.getMetadata().getNamespace())
        .endMetadata()
        .addToAdditionalProperties("status", Map.of("conditions", conditions))
        .build();
  }
}
