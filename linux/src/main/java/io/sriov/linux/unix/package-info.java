/** Unix stream sockets that carry descriptors. */
@NullMarked
package io.sriov.linux.unix;

import org.jspecify.annotations.NullMarked;
