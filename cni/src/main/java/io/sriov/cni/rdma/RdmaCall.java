package io.sriov.cni.rdma;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.ValidAttachments;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Environment;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.linux.LinuxException;

/**
 * One call of the plugin.
 *
 * @param id the same in every try of one call
 */
record RdmaCall(
    String id, Request request, PodNamespace netns, Caller caller, RdmaHost host, CallLog log) {

  Environment environment() {
    return request.environment();
  }

  /** Name of the attachment's state file. */
  String file() {
    return file(
        request.name(), ValidAttachments.id(environment().containerId(), environment().ifname()));
  }

  static String file(String network, String attachment) {
    return network + "-" + attachment;
  }

  void refuseHost() throws CniException, LinuxException {
    netns.refuse(host.netns(), environment());
  }
}
