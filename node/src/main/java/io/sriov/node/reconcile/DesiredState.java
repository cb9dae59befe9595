package io.sriov.node.reconcile;

import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovOperatorConfigSpec;
import java.util.Optional;

/** What the API server says about this node, as far as it is known. */
public interface DesiredState {

  /** The node's NodeState; empty when there is none. */
  Optional<SriovNetworkNodeState> nodeState();

  /**
   * Whether the ConfigMap of the device plugin is known; the node's key in it may still be absent.
   */
  boolean knowsPluginConfig();

  /** The node's key in the ConfigMap of the device plugin. */
  Optional<String> pluginConfig();

  /** The operator's configuration; with nothing in it when there is none. */
  SriovOperatorConfigSpec operatorConfig();

  /** Why facts cannot be judged yet, e.g. because the list of card models is not known. */
  Optional<String> notReady();
}
