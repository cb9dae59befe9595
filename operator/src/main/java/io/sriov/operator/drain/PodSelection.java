package io.sriov.operator.drain;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Which of a node's pods a drain makes leave (spec 02 §5.4). */
final class PodSelection {

  private PodSelection() {}

  /**
   * @param full whether every pod has to go
   * @param listed {@code namespace/name} of the pods that the node names; empty if it names none
   * @param daemonSetExists asked only of pods that would go otherwise
   */
  static List<PodFacts> leaving(
      List<PodFacts> pods,
      boolean full,
      Optional<Set<String>> listed,
      Predicate<PodFacts> daemonSetExists) {
    return pods.stream()
        .filter(pod -> !pod.mirror())
        .filter(
            pod -> full || listed.map(names -> names.contains(pod.key())).orElse(pod.usesSriov()))
        // Its DaemonSet would put another in its place at once.
        .filter(pod -> pod.daemonSet().isEmpty() || pod.finished() || !daemonSetExists.test(pod))
        .toList();
  }
}
