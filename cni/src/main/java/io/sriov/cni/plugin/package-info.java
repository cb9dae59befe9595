/** What the plugins have in common: the pod, the IPAM plugin, the VF's place and way back. */
@NullMarked
package io.sriov.cni.plugin;

import org.jspecify.annotations.NullMarked;
