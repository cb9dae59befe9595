/** Programs of the host. */
@NullMarked
package io.sriov.linux.program;

import org.jspecify.annotations.NullMarked;
