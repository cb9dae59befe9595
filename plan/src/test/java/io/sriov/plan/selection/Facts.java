package io.sriov.plan.selection;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodePolicySpec;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateStatus;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import java.util.List;
import java.util.Map;

/** Facts for tests, written as they stand in manifests. */
public final class Facts {

  private Facts() {}

  /**
   * Reads YAML, flow style included: without the document mark text in braces is taken for JSON.
   */
  public static <T> T read(String yaml, Class<T> type) {
    return Serialization.unmarshal("---\n" + yaml, type);
  }

  /** A policy on every node; {@code flow} are further members of the spec in flow style. */
  public static Policy policy(String name, int priority, int numVfs, String pfName, String flow) {
    return policy(
        name,
        "{resourceName: r-%s, nodeSelector: {}, priority: %d, numVfs: %d, nicSelector: {pfNames: [%s]}%s}"
            .formatted(name, priority, numVfs, "\"" + pfName + "\"", more(flow)));
  }

  public static Policy policy(String name, String spec) {
    return new Policy(name, read(spec, SriovNetworkNodePolicySpec.class));
  }

  private static String more(String flow) {
    return flow.isEmpty() ? "" : ", " + flow;
  }

  /** Three Intel PFs, the last of an id that is not in the list of supported cards. */
  public static NodeFacts node() {
    return node(
        """
        interfaces:
        - {name: ens803f0, pciAddress: "0000:86:00.0", vendor: "8086", deviceID: 158b, totalvfs: 64, altNames: [alt0]}
        - {name: ens803f1, pciAddress: "0000:86:00.1", vendor: "8086", deviceID: 158b, totalvfs: 64}
        - {name: ens803f2, pciAddress: "0000:86:00.2", vendor: "8086", deviceID: "1015", totalvfs: 8}
        """);
  }

  public static NodeFacts node(String status) {
    List<InterfaceExt> interfaces = read(status, SriovNetworkNodeStateStatus.class).interfaces();
    return new NodeFacts(
        "worker1",
        Map.of("kubernetes.io/hostname", "worker1"),
        interfaces,
        SriovNetworkNodeStateSpec.EMPTY);
  }

  public static NodeFacts having(NodeFacts node, SriovNetworkNodeStateSpec current) {
    return new NodeFacts(node.name(), node.labels(), node.interfaces(), current);
  }
}
