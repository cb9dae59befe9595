/**
 * The ib-sriov plugin: an InfiniBand VF with its GUID, RDMA device and netdev, into a pod and back.
 */
@NullMarked
package io.sriov.cni.ib;

import org.jspecify.annotations.NullMarked;
