package io.sriov.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** Settings of the whole stack; only the object named {@code default} is used (spec 01 §1.8). */
@Group(Names.GROUP)
@Version(Names.VERSION)
@Kind("SriovOperatorConfig")
@Plural("sriovoperatorconfigs")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
public final class SriovOperatorConfig
    extends CustomResource<SriovOperatorConfigSpec, SriovOperatorConfigStatus>
    implements Namespaced {}
