/** What a container gets with its devices: environment, device nodes, files; no I/O. */
@NullMarked
package io.sriov.deviceplugin.allocation;

import org.jspecify.annotations.NullMarked;
