package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import java.util.List;
import java.util.Map;

/**
 * What is known of a node when its desired state is computed.
 *
 * @param interfaces PFs as the node reports them; empty until its config daemon has run
 * @param current desired state of before, from which a refused policy keeps what it had
 */
public record NodeFacts(
    String name,
    Map<String, String> labels,
    List<InterfaceExt> interfaces,
    SriovNetworkNodeStateSpec current) {}
