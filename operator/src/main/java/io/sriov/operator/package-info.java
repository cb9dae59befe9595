/** The cluster side: one process that turns custom resources into what runs on the nodes. */
@NullMarked
package io.sriov.operator;

import org.jspecify.annotations.NullMarked;
