/**
 * What one node will do: facts of the node and its desired state in, ordered steps with reasons
 * out. No I/O.
 */
@NullMarked
package io.sriov.plan.node;

import org.jspecify.annotations.NullMarked;
