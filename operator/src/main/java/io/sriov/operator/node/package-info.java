/** Policies → what each node shall look like, and what became of each policy. */
@NullMarked
package io.sriov.operator.node;

import org.jspecify.annotations.NullMarked;
