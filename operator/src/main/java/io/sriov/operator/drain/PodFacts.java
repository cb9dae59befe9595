package io.sriov.operator.drain;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What of a pod matters for a drain (spec 02 §5.4).
 *
 * @param daemonSet name of the DaemonSet that made it, in its namespace
 * @param mirror whether the kubelet made it from a file, so that deleting it ends nothing
 * @param finished whether all its containers have ended
 * @param usesSriov whether it asks for one of our resources
 * @param leavingSince when it was told to end; empty if it was not
 * @param grace how long it may take to end
 */
record PodFacts(
    String namespace,
    String name,
    String uid,
    Optional<String> daemonSet,
    boolean mirror,
    boolean finished,
    boolean usesSriov,
    Optional<Instant> leavingSince,
    Duration grace) {

  private static final Duration USUAL_GRACE = Duration.ofSeconds(30);
  private static final String MIRROR = "kubernetes.io/config.mirror";

  /**
   * @param resourcePrefix of our resources, e.g. {@code openshift.io}
   */
  static PodFacts of(Pod pod, String resourcePrefix) {
    var metadata = pod.getMetadata();
    String phase = pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
    return new PodFacts(
        metadata.getNamespace(),
        metadata.getName(),
        metadata.getUid(),
        metadata.getOwnerReferences().stream()
            .filter(owner -> Boolean.TRUE.equals(owner.getController()))
            .filter(owner -> owner.getKind().equals("DaemonSet"))
            .map(OwnerReference::getName)
            .findFirst(),
        metadata.getAnnotations() != null && metadata.getAnnotations().containsKey(MIRROR),
        phase.equals("Succeeded") || phase.equals("Failed"),
        asksFor(pod, resourcePrefix + "/"),
        toldToEnd(metadata),
        grace(pod));
  }

  /** That of the deletion, once it was deleted; a pod that says nothing has the API's 30 s. */
  private static Duration grace(Pod pod) {
    Long deletion = pod.getMetadata().getDeletionGracePeriodSeconds();
    Long own = pod.getSpec() == null ? null : pod.getSpec().getTerminationGracePeriodSeconds();
    Long seconds = deletion != null ? deletion : own;
    return seconds == null ? USUAL_GRACE : Duration.ofSeconds(seconds);
  }

  /** The time stamp is when the grace period ends. */
  private static Optional<Instant> toldToEnd(ObjectMeta metadata) {
    Long grace = metadata.getDeletionGracePeriodSeconds();
    return Optional.ofNullable(metadata.getDeletionTimestamp())
        .map(end -> Instant.parse(end).minusSeconds(grace == null ? 0 : grace));
  }

  /** {@code namespace/name}. */
  String key() {
    return namespace + "/" + name;
  }

  /** A VF that an init container asked for stays with the pod until it ends. */
  private static boolean asksFor(Pod pod, String prefix) {
    if (pod.getSpec() == null) {
      return false;
    }
    return Stream.of(pod.getSpec().getContainers(), pod.getSpec().getInitContainers())
        .flatMap(List::stream)
        .map(Container::getResources)
        .filter(resources -> resources != null && resources.getRequests() != null)
        .flatMap(resources -> resources.getRequests().keySet().stream())
        .anyMatch(resource -> resource.startsWith(prefix));
  }
}
