package io.sriov.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** One per managed node, named like it: spec by the operator, status by the node (spec 01 §1.3). */
@Group(Names.GROUP)
@Version(Names.VERSION)
@Kind("SriovNetworkNodeState")
@Plural("sriovnetworknodestates")
@AdditionalPrinterColumn(name = "Sync Status", jsonPath = ".status.syncStatus")
@AdditionalPrinterColumn(
    name = "Desired Sync State",
    jsonPath = ".metadata.annotations.sriovnetwork\\.openshift\\.io/desired-state")
@AdditionalPrinterColumn(
    name = "Current Sync State",
    jsonPath = ".metadata.annotations.sriovnetwork\\.openshift\\.io/current-state")
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class SriovNetworkNodeState
    extends CustomResource<SriovNetworkNodeStateSpec, SriovNetworkNodeStateStatus>
    implements Namespaced {}
