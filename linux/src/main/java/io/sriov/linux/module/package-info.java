/** Kernel modules. */
@NullMarked
package io.sriov.linux.module;

import org.jspecify.annotations.NullMarked;
