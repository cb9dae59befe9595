/** The rdma plugin: moves a VF's RDMA device after its netdev, behind another plugin. */
@NullMarked
package io.sriov.cni.rdma;

import org.jspecify.annotations.NullMarked;
