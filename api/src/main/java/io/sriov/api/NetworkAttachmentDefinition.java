package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/**
 * Multus' network definition ({@code k8s.cni.cncf.io/v1}): {@code spec.config} is CNI JSON (spec 01
 * §1.9).
 */
@Group("k8s.cni.cncf.io")
@Version("v1")
@Kind("NetworkAttachmentDefinition")
@Plural("network-attachment-definitions")
@Singular("network-attachment-definition")
@ShortNames({"nad", "net-attach-def"})
public final class NetworkAttachmentDefinition
    extends CustomResource<NetworkAttachmentDefinition.Spec, Void> implements Namespaced {

  /**
   * The network's CNI configuration.
   *
   * @param config CNI JSON; null for a definition that Multus reads from a file of the node
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Spec(@Nullable String config) {}
}
