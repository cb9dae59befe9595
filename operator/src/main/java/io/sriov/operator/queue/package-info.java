/** Keys that wait to be reconciled. */
@NullMarked
package io.sriov.operator.queue;

import org.jspecify.annotations.NullMarked;
