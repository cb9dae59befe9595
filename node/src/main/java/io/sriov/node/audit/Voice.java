package io.sriov.node.audit;

import io.fabric8.kubernetes.api.model.Condition;
import io.sriov.api.SriovNetworkNodeState;

/** How the auditor tells people what it found; nothing of it may block. */
public interface Voice {

  /** The condition as it is from now on. */
  void report(SriovNetworkNodeState state, Condition condition);

  /** An event that needs attention. */
  void warning(SriovNetworkNodeState state, String reason, String note);

  /** An event that something is as it should be. */
  void normal(SriovNetworkNodeState state, String reason, String note);
}
