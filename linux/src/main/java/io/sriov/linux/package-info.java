/** The host as the kernel shows it: errors with errno, everything else in the packages below. */
@NullMarked
package io.sriov.linux;

import org.jspecify.annotations.NullMarked;
