/** Draining nodes: what the hand-shake with the node asks for next, and doing it. */
@NullMarked
package io.sriov.operator.drain;

import org.jspecify.annotations.NullMarked;
