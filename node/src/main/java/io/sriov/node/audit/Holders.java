package io.sriov.node.audit;

import io.sriov.plan.audit.Answer;
import io.sriov.plan.node.VfInUse;
import java.time.Duration;
import java.util.List;

/** Who the kubelet says has which device. */
@FunctionalInterface
public interface Holders {

  /** Every device given to a container, as if it were a VF; silence if that is not known. */
  Answer<List<VfInUse>> now(Duration deadline);
}
