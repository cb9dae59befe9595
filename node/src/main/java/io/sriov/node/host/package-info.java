/** The host as the daemon reads and writes it. */
@NullMarked
package io.sriov.node.host;

import org.jspecify.annotations.NullMarked;
