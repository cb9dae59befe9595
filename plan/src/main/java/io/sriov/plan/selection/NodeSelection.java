package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodeStateSpec;
import java.util.List;
import java.util.Optional;

/**
 * What all policies together come to on one node.
 *
 * @param spec the desired state, or empty to leave it as it is because the node has not reported
 *     its PFs yet (spec 01 §4.4 step 4)
 * @param outcomes one for each policy, in the order in which they were applied
 */
public record NodeSelection(
    Optional<SriovNetworkNodeStateSpec> spec, List<PolicyOutcome> outcomes) {}
