/** JSON as the Go decoder of other CNI plugins reads it. */
@NullMarked
package io.sriov.cni.json;

import org.jspecify.annotations.NullMarked;
