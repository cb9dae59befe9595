/** When pods have to leave and the node has to be rebooted, and how that is agreed on. */
@NullMarked
package io.sriov.node.drain;

import org.jspecify.annotations.NullMarked;
