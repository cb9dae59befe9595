/** From a network to the NetworkAttachmentDefinition that Multus reads (spec 02 §4). */
@NullMarked
package io.sriov.plan.network;

import org.jspecify.annotations.NullMarked;
