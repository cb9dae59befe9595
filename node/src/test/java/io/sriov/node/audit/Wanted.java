package io.sriov.node.audit;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovOperatorConfigSpec;
import io.sriov.node.reconcile.DesiredState;
import java.util.List;
import java.util.Optional;

/** What is wanted of a node, as the API server tells it. */
class Wanted implements DesiredState {

  final SriovNetworkNodeState state = new SriovNetworkNodeState();
  String notReady;

  Wanted(long generation, List<Interface> pfs) {
    state.setMetadata(
        new ObjectMetaBuilder().withName("worker1").withGeneration(generation).build());
    state.setSpec(new SriovNetworkNodeStateSpec(pfs, null, null));
  }

  @Override
  public Optional<SriovNetworkNodeState> nodeState() {
    return Optional.of(state);
  }

  @Override
  public boolean knowsPluginConfig() {
    return false;
  }

  @Override
  public Optional<String> pluginConfig() {
    return Optional.empty();
  }

  @Override
  public SriovOperatorConfigSpec operatorConfig() {
    return Serialization.unmarshal("{}", SriovOperatorConfigSpec.class);
  }

  @Override
  public Optional<String> notReady() {
    return Optional.ofNullable(notReady);
  }
}
