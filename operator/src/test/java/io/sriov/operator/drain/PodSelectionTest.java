package io.sriov.operator.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodSelectionTest {

  private static final Optional<Set<String>> NO_LIST = Optional.empty();

  private static PodFacts pod(String metadata, String spec, String phase) {
    return PodFacts.of(
        Serialization.unmarshal(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: app, uid: u, %s}
            spec: {%s}
            status: {phase: %s}
            """
                .formatted(metadata, spec, phase),
            Pod.class),
        "openshift.io");
  }

  private static final String SRIOV =
      "containers: [{name: c, resources: {requests: {openshift.io/nic: 1}}}]";
  private static final String PLAIN = "containers: [{name: c, resources: {requests: {cpu: 1}}}]";

  private static boolean leaves(
      PodFacts pod, boolean full, Optional<Set<String>> listed, boolean daemonSetExists) {
    return !PodSelection.leaving(List.of(pod), full, listed, _ -> daemonSetExists).isEmpty();
  }

  /** The whole table of spec 02 §5.4. */
  @ParameterizedTest
  @Spec("02:143")
  @CsvSource({
    // owner, phase, uses SR-IOV, leaves a partial drain, leaves a full drain
    "daemonset, Running,   true,  false, false",
    "daemonset, Running,   false, false, false",
    "daemonset, Failed,    true,  true,  true",
    "daemonset, Succeeded, false, false, true",
    "lost,      Running,   true,  true,  true",
    "lost,      Running,   false, false, true",
    "mirror,    Running,   true,  false, false",
    "mirror,    Failed,    false, false, false",
    "none,      Running,   true,  true,  true",
    "none,      Running,   false, false, true",
    "none,      Succeeded, true,  true,  true",
    "none,      Failed,    false, false, true",
    "replica,   Running,   true,  true,  true",
    "replica,   Pending,   false, false, true",
  })
  void whoLeavesDependsOnOwnerPhaseAndResources(
      String owner, String phase, boolean sriov, boolean partial, boolean full) {
    String metadata =
        switch (owner) {
          case "daemonset", "lost" ->
              "ownerReferences: [{kind: DaemonSet, name: d, controller: true}]";
          case "replica" -> "ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]";
          case "mirror" -> "annotations: {kubernetes.io/config.mirror: x}";
          default -> "";
        };
    PodFacts pod = pod(metadata, sriov ? SRIOV : PLAIN, phase);

    boolean exists = owner.equals("daemonset");
    assertThat(leaves(pod, false, NO_LIST, exists)).isEqualTo(partial);
    assertThat(leaves(pod, true, NO_LIST, exists)).isEqualTo(full);
  }

  @Test
  @Spec("02:145")
  void aPodOfADaemonSetStaysAlsoWhenItHoldsVfs() {
    PodFacts pod =
        pod("ownerReferences: [{kind: DaemonSet, name: d, controller: true}]", SRIOV, "Running");

    assertThat(leaves(pod, false, NO_LIST, true)).isFalse();
    assertThat(leaves(pod, false, Optional.of(Set.of("app/p")), true)).isFalse();
    assertThat(leaves(pod, false, Optional.of(Set.of("app/p")), false)).isTrue();
  }

  @Test
  @Spec(
      value = "02:144",
      differs = "a VF that an init container asked for is the pod's until it ends, so it leaves")
  void aVfOfAnInitContainerCountsToo() {
    PodFacts pod =
        pod(
            "",
            "containers: [{name: c}], initContainers: [{name: i, resources: {requests:"
                + " {openshift.io/nic: 1}}}]",
            "Running");

    assertThat(leaves(pod, false, NO_LIST, false)).isTrue();
  }

  @Test
  void whereTheNodeNamesThePodsExactlyTheseLeaveAPartialDrain() {
    Optional<Set<String>> listed = Optional.of(Set.of("app/p"));

    assertThat(leaves(pod("", PLAIN, "Running"), false, listed, false)).isTrue();
    assertThat(leaves(pod("", SRIOV, "Running"), false, Optional.of(Set.of()), false)).isFalse();
    assertThat(leaves(pod("", SRIOV, "Running"), false, Optional.of(Set.of("x/p")), false))
        .isFalse();
    assertThat(leaves(pod("", PLAIN, "Running"), true, Optional.of(Set.of()), false)).isTrue();
    assertThat(
            leaves(
                pod("annotations: {kubernetes.io/config.mirror: x}", SRIOV, "Running"),
                false,
                listed,
                false))
        .isFalse();
  }

  @Test
  void aResourceOfAnotherPrefixThatBeginsAlikeIsNotOurs() {
    PodFacts pod =
        pod(
            "",
            "containers: [{name: c, resources: {requests: {openshift.io.example/nic: 1}}}]",
            "Running");

    assertThat(pod.usesSriov()).isFalse();
  }

  @Test
  void daemonSetsAreLookedUpOnlyForPodsThatWouldLeave() {
    PodFacts plain =
        pod("ownerReferences: [{kind: DaemonSet, name: d, controller: true}]", PLAIN, "Running");

    assertThat(
            PodSelection.leaving(
                List.of(plain),
                false,
                NO_LIST,
                _ -> {
                  throw new AssertionError("looked up");
                }))
        .isEmpty();
  }
}
