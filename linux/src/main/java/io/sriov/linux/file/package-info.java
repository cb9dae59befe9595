/** Files the project owns on the host. */
@NullMarked
package io.sriov.linux.file;

import org.jspecify.annotations.NullMarked;
