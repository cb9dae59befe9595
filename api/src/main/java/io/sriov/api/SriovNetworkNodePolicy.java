package io.sriov.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Which PFs of which nodes get how many VFs, and in which resource pool they are offered (spec 01
 * §1.2).
 */
@Group(Names.GROUP)
@Version(Names.VERSION)
@Kind("SriovNetworkNodePolicy")
@Plural("sriovnetworknodepolicies")
@AdditionalPrinterColumn(
    name = "Selected",
    jsonPath = ".status.conditions[?(@.type==\"Selected\")].status")
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class SriovNetworkNodePolicy
    extends CustomResource<SriovNetworkNodePolicySpec, SriovNetworkNodePolicyStatus>
    implements Namespaced {}
