package io.sriov.kubelet;

import java.util.List;

/**
 * Devices of one resource that the kubelet has given to one container, e.g. {@code
 * openshift.io/nic} with ids {@code 0000:03:02.0}. A pod is listed from its admission until it is
 * terminal. Source: pod-resources API v1, {@code List}.
 *
 * @param deviceIds without duplicates, in the kubelet's order
 */
public record Allocation(
    String namespace, String pod, String container, String resourceName, List<String> deviceIds) {

  public Allocation {
    deviceIds = List.copyOf(deviceIds);
  }
}
