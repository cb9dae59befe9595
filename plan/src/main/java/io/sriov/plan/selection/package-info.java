/** Which PFs of a node the policies select, and why the others not (spec 01 §4). */
@NullMarked
package io.sriov.plan.selection;

import org.jspecify.annotations.NullMarked;
