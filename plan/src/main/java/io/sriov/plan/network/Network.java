package io.sriov.plan.network;

import io.sriov.api.OVSNetworkSpec;
import io.sriov.api.SriovIBNetworkSpec;
import io.sriov.api.SriovNetworkSpec;
import org.jspecify.annotations.Nullable;

/** One of the three kinds of network. */
public sealed interface Network {

  /** Kind of the custom resource. */
  String kind();

  /** Namespace of the NetworkAttachmentDefinition as the network asks for it; may be absent. */
  @Nullable String networkNamespace();

  String resourceName();

  /** Configurations of further plugins of the chain, JSON objects separated by commas. */
  @Nullable String metaPlugins();

  /** VFs of Ethernet cards. */
  record Ethernet(SriovNetworkSpec spec) implements Network {
    @Override
    public String kind() {
      return "SriovNetwork";
    }

    @Override
    public @Nullable String networkNamespace() {
      return spec.networkNamespace();
    }

    @Override
    public String resourceName() {
      return spec.resourceName();
    }

    @Override
    public @Nullable String metaPlugins() {
      return spec.metaPlugins();
    }
  }

  /** VFs of InfiniBand cards. */
  record InfiniBand(SriovIBNetworkSpec spec) implements Network {
    @Override
    public String kind() {
      return "SriovIBNetwork";
    }

    @Override
    public @Nullable String networkNamespace() {
      return spec.networkNamespace();
    }

    @Override
    public String resourceName() {
      return spec.resourceName();
    }

    @Override
    public @Nullable String metaPlugins() {
      return spec.metaPlugins();
    }
  }

  /** VFs whose representors are ports of an Open vSwitch bridge. */
  record OpenVswitch(OVSNetworkSpec spec) implements Network {
    @Override
    public String kind() {
      return "OVSNetwork";
    }

    @Override
    public @Nullable String networkNamespace() {
      return spec.networkNamespace();
    }

    @Override
    public String resourceName() {
      return spec.resourceName();
    }

    @Override
    public @Nullable String metaPlugins() {
      return spec.metaPlugins();
    }
  }
}
