/** Telling neighbours where an IP address lives now. */
@NullMarked
package io.sriov.linux.announce;

import org.jspecify.annotations.NullMarked;
