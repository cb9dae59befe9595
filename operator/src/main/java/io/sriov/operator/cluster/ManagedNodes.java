package io.sriov.operator.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.sriov.api.SriovOperatorConfig;
import java.util.Map;

/** Which nodes are ours (spec 01 §4.1). */
public record ManagedNodes(Map<String, String> selector) {

  private static final Map<String, String> LINUX_WORKERS =
      Map.of("node-role.kubernetes.io/worker", "", "kubernetes.io/os", "linux");

  /** The selector of the configuration, which replaces the default one when it has any label. */
  public static ManagedNodes of(SriovOperatorConfig config) {
    Map<String, String> given =
        config.getSpec() == null ? Map.of() : config.getSpec().configDaemonNodeSelector();
    return new ManagedNodes(given.isEmpty() ? LINUX_WORKERS : given);
  }

  public boolean contains(Node node) {
    return labels(node).entrySet().containsAll(selector.entrySet());
  }

  /** Labels of a node; none is an empty map. */
  public static Map<String, String> labels(Node node) {
    Map<String, String> labels = node.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }
}
