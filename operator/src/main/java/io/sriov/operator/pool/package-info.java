/** Pools of nodes: how many are drained at once, when, and who waits for what. */
@NullMarked
package io.sriov.operator.pool;

import org.jspecify.annotations.NullMarked;
