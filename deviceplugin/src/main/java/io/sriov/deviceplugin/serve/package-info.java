/** The kubelet's side: sockets, registration, device lists, allocations. */
@NullMarked
package io.sriov.deviceplugin.serve;

import org.jspecify.annotations.NullMarked;
