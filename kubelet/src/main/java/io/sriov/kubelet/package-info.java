/**
 * The kubelet's gRPC interfaces on unix sockets: device plugin {@code v1beta1}, plugin watcher
 * {@code pluginregistration/v1}, pod-resources {@code v1}.
 */
@NullMarked
package io.sriov.kubelet;

import org.jspecify.annotations.NullMarked;
