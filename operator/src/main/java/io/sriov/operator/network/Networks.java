package io.sriov.operator.network;

import io.fabric8.kubernetes.client.CustomResource;
import io.sriov.api.NetworkAttachmentDefinition;
import io.sriov.api.NetworkStatus;
import io.sriov.api.OVSNetwork;
import io.sriov.api.SriovIBNetwork;
import io.sriov.api.SriovNetwork;
import io.sriov.operator.cluster.Cluster;
import io.sriov.plan.network.Network;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The three kinds of network as one. */
public final class Networks {

  private static final String ETHERNET = "SriovNetwork";
  private static final String INFINI_BAND = "SriovIBNetwork";
  private static final String OPEN_VSWITCH = "OVSNetwork";

  private final Cluster cluster;

  public Networks(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Calls {@code changed} with every network that appears, changes or goes. */
  public void listen(Consumer<NetworkKey> changed) {
    cluster.sriovNetworks.listen((before, after) -> changed.accept(key(before, after)));
    cluster.sriovIbNetworks.listen((before, after) -> changed.accept(key(before, after)));
    cluster.ovsNetworks.listen((before, after) -> changed.accept(key(before, after)));
  }

  /** All networks. */
  public Stream<CustomResource<?, NetworkStatus>> all() {
    return Stream.of(cluster.sriovNetworks, cluster.sriovIbNetworks, cluster.ovsNetworks)
        .flatMap(cache -> cache.list().stream());
  }

  /** The networks that an attachment may be of: by name, and the one it names as its owner. */
  public Stream<NetworkKey> concernedBy(NetworkAttachmentDefinition attachment) {
    return Stream.concat(
            named(attachment.getMetadata().getNamespace(), attachment.getMetadata().getName()),
            NetworkKey.ofOwner(Attachments.owner(attachment)).stream())
        .distinct();
  }

  /** The networks that ask for this namespace. */
  public Stream<NetworkKey> targeting(String namespace) {
    return all()
        .filter(resource ->
            network(resource)
                .filter(network -> namespace.equals(network.networkNamespace()))
                .isPresent())
        .map(Networks::key);
  }

  /** The networks whose attachment would have this namespace and name. */
  private Stream<NetworkKey> named(String namespace, String name) {
    return Stream.of(ETHERNET, INFINI_BAND, OPEN_VSWITCH)
        .flatMap(kind ->
            Stream.of(
                new NetworkKey(kind, namespace, name),
                new NetworkKey(kind, cluster.namespace(), name)))
        .distinct()
        .filter(key -> find(key).isPresent());
  }

  Optional<? extends CustomResource<?, NetworkStatus>> find(NetworkKey key) {
    return switch (key.kind()) {
      case ETHERNET -> cluster.sriovNetworks.get(key.namespace(), key.name());
      case INFINI_BAND -> cluster.sriovIbNetworks.get(key.namespace(), key.name());
      case OPEN_VSWITCH -> cluster.ovsNetworks.get(key.namespace(), key.name());
      default -> Optional.empty();
    };
  }

  void remember(CustomResource<?, NetworkStatus> written) {
    switch (written) {
      case SriovNetwork network -> cluster.sriovNetworks.remember(network);
      case SriovIBNetwork network -> cluster.sriovIbNetworks.remember(network);
      case OVSNetwork network -> cluster.ovsNetworks.remember(network);
      default -> throw new IllegalArgumentException("not a network: " + written.getKind());
    }
  }

  /** What a network asks for; empty when it has no spec. */
  static Optional<Network> network(CustomResource<?, NetworkStatus> resource) {
    return switch (resource) {
      case SriovNetwork network ->
          Optional.ofNullable(network.getSpec()).map(Network.Ethernet::new);
      case SriovIBNetwork network ->
          Optional.ofNullable(network.getSpec()).map(Network.InfiniBand::new);
      case OVSNetwork network ->
          Optional.ofNullable(network.getSpec()).map(Network.OpenVswitch::new);
      default -> Optional.empty();
    };
  }

  static NetworkKey key(CustomResource<?, NetworkStatus> network) {
    return new NetworkKey(
        network.getKind(), network.getMetadata().getNamespace(), network.getMetadata().getName());
  }

  private static <N extends CustomResource<?, NetworkStatus>> NetworkKey key(
      @Nullable N before, @Nullable N after) {
    return key(after != null ? after : Objects.requireNonNull(before));
  }
}
