/** Carrying out a node plan. */
@NullMarked
package io.sriov.node.apply;

import org.jspecify.annotations.NullMarked;
