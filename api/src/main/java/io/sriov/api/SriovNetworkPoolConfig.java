package io.sriov.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** Nodes that are configured together: how many at once, RDMA mode (spec 01 §1.7). */
@Group(Names.GROUP)
@Version(Names.VERSION)
@Kind("SriovNetworkPoolConfig")
@Plural("sriovnetworkpoolconfigs")
public final class SriovNetworkPoolConfig
    extends CustomResource<SriovNetworkPoolConfigSpec, SriovNetworkPoolConfigStatus>
    implements Namespaced {}
