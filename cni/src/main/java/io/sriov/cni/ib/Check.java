package io.sriov.cni.ib;

import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.VfInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * CHECK (CNI spec 1.1): is the attachment still what ADD made? Of an attachment that has no state
 * file, yes.
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
    try (var lock = host.lock(attachment.deviceId(), host.lockTimeout());
        Pod pod = Pod.enter(call.netns().require(call.environment().netns()))) {
      assert lock != null;
      if (!attachment.isIn(Phase.ATTACHED)) {
        throw CniException.internal("the ADD of " + call.file() + " was not completed");
      }
      Optional<Vf> vf = Vf.find(host.bus(), host.sysfs(), attachment.deviceId());
      if (vf.isPresent()) {
        VfWish wish = VfWish.of(attachment.conf());
        host.hardware()
            .pf(call.links(), vf.get().pf())
            .vf(vf.get().number())
            .ifPresent(now -> differences.addAll(settings(wish, now)));
      } else if (!attachment.pf().isEmpty()) {
        differences.add("it is no VF any more");
      }
      if (vf.isPresent() && !attachment.userspace()) {
        differences.addAll(inPod(attachment, pod));
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

  /** Settings that the driver reports and that are not as they were asked for. */
  static List<String> settings(VfWish wish, VfInfo now) {
    List<String> differences = new ArrayList<>();
    wish.linkState()
        .filter(state -> state != now.linkState())
        .ifPresent(state -> differences.add("link_state is no longer as configured"));
    wish.guid()
        .filter(guid ->
            now.nodeGuid().orElse(guid.value()) != guid.value()
                || now.portGuid().orElse(guid.value()) != guid.value())
        .ifPresent(guid -> differences.add("its GUID is no longer " + guid));
    return differences;
  }

  private List<String> inPod(Attachment attachment, Pod pod) throws LinuxException {
    String ifname = call.environment().ifname();
    List<String> differences = new ArrayList<>();
    Optional<Link> found =
        pod.netdevOf(
            host.hardware(), attachment.deviceId(), link -> attachment.resembles(link, ifname));
    if (found.isEmpty()) {
      differences.add("its netdev is not in the pod");
    } else if (!found.get().name().equals(ifname)) {
      differences.add("its interface is called " + found.get().name() + ", not " + ifname);
    }
    String device = attachment.rdma().inPod();
    if (!device.isEmpty() && !host.rdma().isIn(pod.netns(), device)) {
      differences.add("its RDMA device " + device + " is not in the pod");
    }
    return differences;
  }
}
