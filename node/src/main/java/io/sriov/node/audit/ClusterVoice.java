package io.sriov.node.audit;

import io.fabric8.kubernetes.api.model.Condition;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.kube.Events;
import io.sriov.node.reconcile.StatusPublisher;

/** Speaks through the API server, by the writer of the NodeState's status and by events. */
public final class ClusterVoice implements Voice {

  private static final String ACTION = "VfAudit";

  private final StatusPublisher publisher;
  private final Events events;

  public ClusterVoice(StatusPublisher publisher, Events events) {
    this.publisher = publisher;
    this.events = events;
  }

  @Override
  public void report(SriovNetworkNodeState state, Condition condition) {
    publisher.report(state, condition);
  }

  @Override
  public void warning(SriovNetworkNodeState state, String reason, String note) {
    events.warning(state, reason, ACTION, note);
  }

  @Override
  public void normal(SriovNetworkNodeState state, String reason, String note) {
    events.normal(state, reason, ACTION, note);
  }
}
