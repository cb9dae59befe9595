/** The CNI server: what stands behind the forwarder in the runtime's plugin folder. */
@NullMarked
package io.sriov.cni;

import org.jspecify.annotations.NullMarked;
