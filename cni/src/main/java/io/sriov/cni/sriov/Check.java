package io.sriov.cni.sriov;

import io.sriov.cni.plugin.CniArgs;
import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * CHECK (CNI spec 1.1): is the attachment still what ADD made? The Go plugin looks at nothing and
 * says yes; of an attachment that has no state file so do we.
 */
final class Check {

  private final Call call;
  private final Host host;

  Check(Call call) {
    this.call = call;
    this.host = call.host();
  }

  void run() throws CniException, IOException {
    if (!(host.files().read(call.file())
        instanceof StateFiles.Stored.Present(Attachment attachment))) {
      return;
    }
    List<String> differences = new ArrayList<>();
    try (var lock = host.files().lock(attachment.deviceId(), host.lockTimeout());
        Pod pod = Pod.enter(call.netns().require(call.environment().netns()))) {
      assert lock != null;
      if (!attachment.isIn(Phase.ATTACHED)) {
        throw CniException.internal("the ADD of " + call.file() + " was not completed");
      }
      Vf vf = Vf.require(host.bus(), host.sysfs(), attachment.deviceId());
      VfRequest request = VfRequest.of(attachment.conf(), new CniArgs(""));
      differences.addAll(settings(vf, request));
      if (!attachment.userspace()) {
        differences.addAll(netdev(attachment, request, pod));
      }
    }
    if (!differences.isEmpty()) {
      throw CniException.internal(
          "VF " + attachment.deviceId() + ": " + String.join("; ", differences));
    }
    if (attachment.holdsAddresses()) {
      new Ipam(call.caller(), attachment.conf().ipamType()).tell("CHECK");
    }
  }

  private List<String> settings(Vf vf, VfRequest request) throws LinuxException {
    Optional<VfInfo> now = host.hardware().pf(call.links(), vf.pf()).vf(vf.number());
    return now.isEmpty()
        ? List.of("its PF " + vf.pf() + " does not report it")
        : differences(request, now.get());
  }

  /** Settings that the driver reports and that are not as they were asked for. */
  static List<String> differences(VfRequest request, VfInfo now) {
    return request.changes().stream()
        .filter(change -> isReported(change, now) && !Restoration.holds(change, now))
        .map(change -> Steps.key(change) + " is no longer as configured")
        .toList();
  }

  private static boolean isReported(VfChange change, VfInfo now) {
    return switch (change) {
      case VfChange.SpoofChk _ -> now.spoofChk().isPresent();
      case VfChange.Trust _ -> now.trust().isPresent();
      case VfChange.Vlan _,
          VfChange.Mac _,
          VfChange.Rate _,
          VfChange.LinkState _,
          VfChange.RssQuery _,
          VfChange.NodeGuid _,
          VfChange.PortGuid _ ->
          true;
    };
  }

  private List<String> netdev(Attachment attachment, VfRequest request, Pod pod)
      throws LinuxException {
    String ifname = call.environment().ifname();
    Optional<Link> found =
        pod.netdevOf(
            host.hardware(), attachment.deviceId(), link -> attachment.resembles(link, ifname));
    if (found.isEmpty()) {
      return List.of("its netdev is not in the pod");
    }
    Link link = found.get();
    List<String> differences = new ArrayList<>();
    if (!link.name().equals(ifname)) {
      differences.add("its interface is called " + link.name() + ", not " + ifname);
    }
    Optional<HardwareAddress> mac = request.mac();
    if (mac.isPresent() && !mac.get().equals(link.mac())) {
      differences.add("its interface has address " + link.mac() + ", not " + mac.get());
    }
    return differences;
  }
}
