/**
 * Calls into libc: the only place with {@code java.lang.foreign}, hidden behind descriptors and
 * sockets.
 */
@NullMarked
package io.sriov.linux.ffm;

import org.jspecify.annotations.NullMarked;
