/** The host's device daemon. */
@NullMarked
package io.sriov.linux.udev;

import org.jspecify.annotations.NullMarked;
