/** SriovOperatorConfig and pools: what runs on the nodes, and what is refused. */
@NullMarked
package io.sriov.operator.config;

import org.jspecify.annotations.NullMarked;
