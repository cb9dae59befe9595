/** What kind of file system a descriptor lives on. */
@NullMarked
package io.sriov.linux.mount;

import org.jspecify.annotations.NullMarked;
