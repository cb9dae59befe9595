package io.sriov.plan.network;

import io.sriov.api.Names;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The NetworkAttachmentDefinition of a network.
 *
 * @param annotations all there are, in the order of their keys
 * @param config CNI configuration, indented JSON
 */
public record Attachment(
    String namespace, String name, Map<String, String> annotations, String config) {

  /**
   * @param namespace namespace of the network
   * @param name name of the network and of the definition
   * @param resourcePrefix as in {@code openshift.io/pool}
   * @throws NetworkError when a field of the network is not what it should be
   */
  public static Attachment of(String namespace, String name, Network network, String resourcePrefix)
      throws NetworkError {
    Map<String, String> annotations = new TreeMap<>();
    annotations.put(Names.NAD_RESOURCE_NAME, resourcePrefix + "/" + network.resourceName());
    annotations.put(Names.OWNER_REF, owner(network.kind(), namespace, name));
    return new Attachment(
        target(namespace, network), name, annotations, PluginConfig.of(name, network));
  }

  /** Value of annotation {@link Names#OWNER_REF}. */
  public static String owner(String kind, String namespace, String name) {
    return kind + "." + Names.GROUP + "/" + namespace + "/" + name;
  }

  /** Where the definition goes: the namespace the network asks for, else its own. */
  public static String target(String namespace, Network network) {
    @Nullable String asked = network.networkNamespace();
    return asked == null || asked.isEmpty() ? namespace : asked;
  }
}
