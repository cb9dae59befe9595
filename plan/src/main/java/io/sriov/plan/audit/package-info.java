/**
 * What is wrong with the VFs of a node, by comparing what the kernel, the CNI plugins' state files,
 * the kubelet and the desired state say of them; and what of it may be mended. No I/O.
 */
@NullMarked
package io.sriov.plan.audit;

import org.jspecify.annotations.NullMarked;
