/** Netlink: messages are pure (parse and pack), sockets stand apart. */
@NullMarked
package io.sriov.linux.netlink;

import org.jspecify.annotations.NullMarked;
