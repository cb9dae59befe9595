package io.sriov.cni.ib;

import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.RdmaNetState;
import io.sriov.cni.plugin.Retry;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.VfChange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Makes the steps of an ADD, one after the other, under the lock of the node. */
final class Steps {

  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Call call;
  private final Host host;
  private final PfPort pf;
  private final Vf vf;
  private final Pod pod;
  private Attachment attachment;
  private int index;

  /** Steps of the attachment {@code begun}, whose state file is written. */
  Steps(Call call, PfPort pf, Vf vf, Pod pod, Attachment begun) {
    this.call = call;
    this.host = call.host();
    this.pf = pf;
    this.vf = vf;
    this.pod = pod;
    this.attachment = begun;
  }

  /** What is written in the state file now. */
  Attachment attachment() {
    return attachment;
  }

  /** Number of the netdev in the pod; 0 before it is there, and for a VF without. */
  int index() {
    return index;
  }

  void make(Step step) throws CniException, IOException {
    call.caller().requirePresent();
    try {
      switch (step) {
        case Step.Configure(VfChange change) -> pf.set(vf.number(), change);
        case Step.Rebind() -> {
          host.ib().rebind(vf.address());
          Link unused = netdev();
        }
        case Step.MoveRdma() -> moveRdma();
        case Step.Enter(String podName) -> enter(podName);
        case Step.BringUp() -> {
          Link link = pod.links().link(index);
          pod.links().change(link, LinkChange.none().up(true));
        }
      }
    } catch (LinuxException e) {
      throw CniException.internal(doing(step), e);
    }
  }

  /** The netdev on the host, which may have come just now and under any name. */
  private Link netdev() throws LinuxException {
    return host.wayBack(call.links(), call.log())
        .awaitOnHost(vf, host.bindTimeout())
        .orElseThrow(() ->
            new LinuxException(
                Errno.ENODEV,
                "wait for the netdev of VF " + vf.address(),
                "none came in " + host.bindTimeout().toMillis() + " ms"));
  }

  private void moveRdma() throws CniException, IOException {
    boolean unused =
        Retry.within(
            host.bindTimeout(),
            PAUSE,
            () -> !host.bus().device(vf.address()).rdmaDevices().isEmpty());
    String name = onlyRdmaDevice(host, vf.address());
    attachment = attachment.with(RdmaNetState.of(vf.address(), name));
    host.files().write(call.file(), attachment);
    host.rdma().move(name, host.netns(), pod.netns());
    Link anew = netdev();
    assert !anew.name().isEmpty();
  }

  /**
   * The RDMA device of a VF.
   *
   * @throws CniException code 999 if there are none or several
   */
  static String onlyRdmaDevice(Host host, String vf) throws CniException, LinuxException {
    List<String> names = host.bus().device(vf).rdmaDevices();
    if (names.size() != 1) {
      throw CniException.internal(
          "rdmaIsolation needs exactly one RDMA device of VF "
              + vf
              + ", but it has "
              + (names.isEmpty() ? "none" : String.join(", ", names)));
    }
    return names.getFirst();
  }

  private void enter(String podName) throws LinuxException {
    Link link = netdev();
    if (link.altNames().contains(podName)) {
      call.links().removeAltName(link, podName);
    }
    call.links().change(link, LinkChange.none().moveTo(pod.netns()).name(podName));
    index = pod.links().link(podName).index();
    attachment = attachment.calledInPod(podName);
  }

  private String doing(Step step) {
    return switch (step) {
      case Step.Configure(VfChange.LinkState _) ->
          "PF " + vf.pf() + " refuses link_state of VF " + vf.number();
      case Step.Configure(VfChange.NodeGuid(long guid)) ->
          "PF " + vf.pf() + " refuses node GUID " + new Guid(guid) + " of VF " + vf.number();
      case Step.Configure(VfChange.PortGuid(long guid)) ->
          "PF " + vf.pf() + " refuses port GUID " + new Guid(guid) + " of VF " + vf.number();
      case Step.Configure(VfChange change) ->
          "PF " + vf.pf() + " refuses " + change + " of VF " + vf.number();
      case Step.Rebind() ->
          "cannot bind VF " + vf.address() + " to its driver anew, so that it takes its GUID";
      case Step.MoveRdma() -> "cannot move the RDMA device of VF " + vf.address() + " into the pod";
      case Step.Enter(String podName) ->
          "cannot move the netdev of VF " + vf.address() + " into the pod as " + podName;
      case Step.BringUp() -> "cannot bring up the interface in the pod";
    };
  }
}
