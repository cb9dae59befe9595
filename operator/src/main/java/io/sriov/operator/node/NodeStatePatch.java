package io.sriov.operator.node;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.sriov.api.Bridges;
import io.sriov.api.Names;
import io.sriov.api.NodeSystem;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The JSON patch (RFC 6902) that brings a node state to what is desired; empty if it is there. */
final class NodeStatePatch {

  private NodeStatePatch() {}

  /**
   * @param desired empty to leave the spec as it is
   * @param annotations to set, or, where null, to remove
   */
  static List<Map<String, Object>> of(
      SriovNetworkNodeState present,
      Optional<SriovNetworkNodeStateSpec> desired,
      Map<String, @Nullable String> annotations,
      OwnerReference owner) {
    List<Map<String, Object>> patch = new ArrayList<>();
    if (desired.isPresent() && !same(desired.get(), present.getSpec())) {
      patch.add(Map.of("op", "add", "path", "/spec", "value", desired.get()));
    }
    if (!List.of(owner).equals(present.getMetadata().getOwnerReferences())) {
      patch.add(Map.of("op", "add", "path", "/metadata/ownerReferences", "value", List.of(owner)));
    }
    if (annotation(present, Names.KEEP_STATE_UNTIL) != null) {
      patch.add(Map.of("op", "remove", "path", annotationPath(Names.KEEP_STATE_UNTIL)));
    }
    if (!annotations.isEmpty() && present.getMetadata().getAnnotations() == null) {
      patch.add(Map.of("op", "add", "path", "/metadata/annotations", "value", Map.of()));
    }
    annotations.forEach((name, value) ->
        patch.add(
            value == null
                ? Map.of("op", "remove", "path", annotationPath(name))
                : Map.of("op", "add", "path", annotationPath(name), "value", value)));
    return List.copyOf(patch);
  }

  /** The patch that sets one annotation. */
  static List<Map<String, Object>> annotate(
      SriovNetworkNodeState present, String name, String value) {
    return present.getMetadata().getAnnotations() == null
        ? List.of(
            Map.of("op", "add", "path", "/metadata/annotations", "value", Map.of(name, value)))
        : List.of(Map.of("op", "add", "path", annotationPath(name), "value", value));
  }

  static @Nullable String annotation(SriovNetworkNodeState state, String name) {
    Map<String, String> annotations = state.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(name);
  }

  private static String annotationPath(String name) {
    return "/metadata/annotations/" + name.replace("~", "~0").replace("/", "~1");
  }

  /**
   * Upstream's typed clients write {@code bridges: {}} where we write nothing. An absent spec is
   * not an empty one: the former is not decided yet.
   */
  static boolean same(
      SriovNetworkNodeStateSpec desired, @Nullable SriovNetworkNodeStateSpec present) {
    return present != null
        && desired.interfaces().equals(present.interfaces())
        && bridges(desired.bridges()).equals(bridges(present.bridges()))
        && system(desired.system()).equals(system(present.system()));
  }

  private static Bridges bridges(@Nullable Bridges bridges) {
    return bridges == null ? new Bridges(List.of()) : bridges;
  }

  private static NodeSystem system(@Nullable NodeSystem system) {
    return system == null ? new NodeSystem(null) : system;
  }
}
