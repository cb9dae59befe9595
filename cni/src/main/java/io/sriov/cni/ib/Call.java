package io.sriov.cni.ib;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.ValidAttachments;
import io.sriov.cni.protocol.Environment;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.linux.netlink.RouteSocket;

/**
 * One call of the plugin.
 *
 * @param id the same in every try of one call
 * @param links of the host
 */
record Call(
    String id,
    Request request,
    PodNamespace netns,
    Caller caller,
    Host host,
    RouteSocket links,
    CallLog log) {

  Environment environment() {
    return request.environment();
  }

  /** Name of the attachment's state file. */
  String file() {
    return ValidAttachments.id(environment().containerId(), environment().ifname());
  }
}
