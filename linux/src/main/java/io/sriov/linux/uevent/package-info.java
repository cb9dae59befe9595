/** Device events of the kernel. */
@NullMarked
package io.sriov.linux.uevent;

import org.jspecify.annotations.NullMarked;
