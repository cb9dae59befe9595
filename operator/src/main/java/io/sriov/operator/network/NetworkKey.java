package io.sriov.operator.network;

import io.sriov.api.Names;
import java.util.Optional;

/**
 * Which network.
 *
 * @param kind of the custom resource, e.g. {@code SriovNetwork}
 */
public record NetworkKey(String kind, String namespace, String name) {

  /** The network that annotation {@link Names#OWNER_REF} names; empty if it is malformed. */
  static Optional<NetworkKey> ofOwner(String annotation) {
    String[] parts = annotation.split("/", -1);
    String group = "." + Names.GROUP;
    return parts.length == 3 && parts[0].endsWith(group)
        ? Optional.of(
            new NetworkKey(
                parts[0].substring(0, parts[0].length() - group.length()), parts[1], parts[2]))
        : Optional.empty();
  }
}
