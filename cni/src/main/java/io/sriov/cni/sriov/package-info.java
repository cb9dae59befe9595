/** The sriov plugin: which VF, what is wanted of it, and how it comes to the pod and back. */
@NullMarked
package io.sriov.cni.sriov;

import org.jspecify.annotations.NullMarked;
