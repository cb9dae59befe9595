package io.sriov.cni.sriov;

import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.plugin.Addresses;
import io.sriov.cni.plugin.CniArgs;
import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.AddResult;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.IpamResult;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfInfo;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * ADD (spec 04 §3). What will be changed is written to the state file before the first change, so
 * that whoever comes next – the undoing below, a repetition of the call, DEL, or a later ADD – can
 * make the VF as it was found, wherever this one stopped.
 */
final class Add {

  private final Call call;
  private final Host host;

  Add(Call call) {
    this.call = call;
    this.host = call.host();
  }

  Json run() throws CniException, IOException {
    NetConf conf = decoded(call.request().config());
    VfRequest request = VfRequest.of(conf, CniArgs.parse(call.environment().args()));
    request.doubts().forEach(doubt -> call.log().warn("network {}: {}", conf.name(), doubt));
    if (AddResult.needsAddress(call.request().cniVersion()) && conf.ipamType().isEmpty()) {
      throw CniException.internal(
          "cniVersion "
              + call.request().cniVersion()
              + " has no result without an address: set ipam, or cniVersion 0.3.1 or later");
    }
    String path = call.environment().netns();
    var netns = call.netns().require(path);
    call.netns().refuse(host.netns(), call.environment());
    String address = Vf.addressOf(conf.deviceId());
    Vf unused = Vf.require(host.bus(), host.sysfs(), address);
    try (var lock = host.files().lock(address, host.lockTimeout());
        Pod pod = Pod.enter(netns)) {
      assert lock != null;
      Vf vf = Vf.require(host.bus(), host.sysfs(), address);
      // While it waited for the lock, the runtime may have given it up.
      call.caller().requirePresent();
      Optional<Json> already = new Repair(call).before(vf);
      return already.isPresent() ? already.get() : attach(conf, request, vf, pod);
    }
  }

  static NetConf decoded(Json config) throws CniException {
    try {
      return NetConf.of(config);
    } catch (JsonException e) {
      throw CniException.internal("the network configuration is wrong", e);
    }
  }

  private Json attach(NetConf conf, VfRequest request, Vf vf, Pod pod)
      throws CniException, IOException {
    RouteSocket links = call.links();
    PfPort pf = host.hardware().pf(links, vf.pf());
    Optional<Link> netdev = netdev(vf, links);
    String ifname = call.environment().ifname();
    if (netdev.isPresent()) {
      requireFree(pod, ifname);
    }
    VfInfo info =
        pf.vf(vf.number())
            .orElseThrow(() ->
                CniException.internal("PF " + vf.pf() + " does not report its VF " + vf.number()));
    FoundVf found = FoundVf.of(info, netdev);
    List<Step> steps = Step.into(request, found, netdev, ifname);
    int mtu = netdev.isPresent() ? netdev.get().mtu() : pf.mtu();
    Ipam ipam = new Ipam(call.caller(), conf.ipamType());
    Attachment begun = begun(conf, request, vf, found, netdev, steps, mtu);
    try {
      host.files().write(call.file(), begun);
      host.files().setOwner(vf.address(), call.environment().netns());
      Steps done = new Steps(call, pf, vf, pod);
      for (Step step : steps) {
        done.make(step);
      }
      return complete(begun, request, pod, done.index(), ipam);
    } catch (CniException | IOException | RuntimeException e) {
      new Repair(call).undo(begun, pod, ipam);
      throw e;
    }
  }

  /** The netdev to move; empty if a userspace driver has the VF. */
  private Optional<Link> netdev(Vf vf, RouteSocket links) throws CniException, LinuxException {
    Optional<String> name = vf.netdev(host.bus());
    if (name.isPresent()) {
      return Optional.of(links.link(name.get()));
    }
    if (vf.isUserspace(host.bus())) {
      return Optional.empty();
    }
    throw CniException.internal(
        "VF "
            + vf.address()
            + " has neither a netdev on the host nor a userspace driver; its driver is "
            + host.bus().device(vf.address()).driver().orElse("none"));
  }

  private static void requireFree(Pod pod, String ifname) throws CniException, LinuxException {
    // The kernel looks among alternative names, too.
    if (pod.links().findLink(ifname).isPresent()) {
      throw CniException.internal("the pod has an interface " + ifname + " already");
    }
  }

  private Attachment begun(
      NetConf conf,
      VfRequest request,
      Vf vf,
      FoundVf found,
      Optional<Link> netdev,
      List<Step> steps,
      int mtu) {
    List<String> dropped =
        steps.stream()
            .filter(Step.DropAltName.class::isInstance)
            .map(step -> ((Step.DropAltName) step).altName())
            .toList();
    Journal own =
        new Journal(
            Phase.ADDING,
            call.id(),
            call.environment().containerId(),
            call.environment().ifname(),
            call.environment().netns(),
            0,
            netdev.isEmpty(),
            netdev.map(Link::isUp).orElse(false),
            dropped,
            !conf.ipamType().isEmpty(),
            Optional.empty());
    String mac = request.mac().map(HardwareAddress::toString).orElse("");
    return new Attachment(
        conf.decided(vf.address(), mac), vf.pf(), vf.number(), mtu, found, Optional.of(own));
  }

  private Json complete(Attachment begun, VfRequest request, Pod pod, int index, Ipam plugin)
      throws CniException, IOException {
    IpamResult ipam = IpamResult.NONE;
    if (!begun.conf().ipamType().isEmpty()) {
      ipam = plugin.add(call.request().cniVersion());
      if (index != 0) {
        Addresses.apply(pod, pod.links().link(index), ipam);
      }
    }
    AddResult result =
        new AddResult(
            call.environment().ifname(),
            call.environment().netns(),
            resultMac(request, begun.found()),
            begun.mtu(),
            ipam);
    Json printed = result.json(call.request().cniVersion());
    call.caller().requirePresent();
    Attachment attached = begun.with(begun.own().orElseThrow().attachedAs(index, printed));
    host.files().write(call.file(), attached);
    if (index != 0 && !ipam.ips().isEmpty()) {
      Announcement.send(pod, index, ipam, call.log());
    }
    return printed;
  }

  /** The address asked for, else that of the netdev, else the one the PF has set (spec 04 §3.7). */
  static String resultMac(VfRequest request, FoundVf found) {
    return request
        .mac()
        .or(found::effectiveMac)
        .or(() -> found.hostName().isEmpty() ? found.adminMac() : Optional.empty())
        .filter(mac -> request.mac().isPresent() || !mac.isZero())
        .map(HardwareAddress::toString)
        .orElse("");
  }
}
