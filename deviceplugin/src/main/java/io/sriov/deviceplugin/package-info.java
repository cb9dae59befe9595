/** The SR-IOV network device plugin: pools of VFs advertised to the kubelet. */
@NullMarked
package io.sriov.deviceplugin;

import org.jspecify.annotations.NullMarked;
