/** The loop between NodeState and host. */
@NullMarked
package io.sriov.node.reconcile;

import org.jspecify.annotations.NullMarked;
