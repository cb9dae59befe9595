/** The objects that run on the nodes, rendered from the configuration (spec 02 §3). */
@NullMarked
package io.sriov.operator.workload;

import org.jspecify.annotations.NullMarked;
