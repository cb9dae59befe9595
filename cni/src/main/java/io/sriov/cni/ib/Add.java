package io.sriov.cni.ib;

import io.sriov.cni.json.Json;
import io.sriov.cni.plugin.Addresses;
import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.RdmaNetState;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.AddResult;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.IpamResult;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netns.NetNamespace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * ADD (spec 04 §5.3). What will be changed is written to the state file before the first change, so
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
    Conf conf = Conf.decoded(call.request().config());
    VfWish wish = VfWish.of(conf);
    NetNamespace netns = call.netns().require(call.environment().netns());
    call.netns().refuse(host.netns(), call.environment());
    if (wish.isolated() && !host.rdma().isExclusive()) {
      throw CniException.internal(
          "rdmaIsolation is set, but RDMA devices are shared by all network namespaces of this node:"
              + " set rdmaMode exclusive in a SriovNetworkPoolConfig");
    }
    Device device = Device.of(conf, host);
    boolean withAddresses = !conf.ipamType().isEmpty() && !device.userspace();
    if (AddResult.needsAddress(call.request().cniVersion()) && !withAddresses) {
      throw CniException.internal(
          "cniVersion "
              + call.request().cniVersion()
              + " has no result without an address: set ipam, or cniVersion 0.3.1 or later");
    }
    try (var lock = host.lock(device.address(), host.lockTimeout());
        Pod pod = Pod.enter(netns)) {
      assert lock != null;
      // While it waited for the lock, the runtime may have given it up.
      call.caller().requirePresent();
      Optional<Json> already = new Repair(call).before(device.address());
      if (already.isPresent()) {
        return already.get();
      }
      return device.vf().isPresent()
          ? attach(conf, wish, device, device.vf().get(), pod)
          : handOver(conf, device);
    }
  }

  /** A PF that vfio-pci has: there is nothing to do but to remember it. */
  private Json handOver(Conf conf, Device device) throws CniException, IOException {
    Attachment begun =
        new Attachment(
            conf.decided(device.address(), true),
            "",
            0,
            new FoundVf("", "", Optional.empty(), Optional.empty(), Optional.empty()),
            "",
            RdmaNetState.NONE,
            Optional.of(journal(Optional.empty(), true, false)));
    return finished(begun, 0, IpamResult.NONE);
  }

  private Json attach(Conf conf, VfWish wish, Device device, Vf vf, Pod pod)
      throws CniException, IOException {
    PfPort pf = host.hardware().pf(call.links(), vf.pf());
    Optional<Link> netdev = device.userspace() ? Optional.empty() : Optional.of(netdev(vf));
    if (netdev.isPresent()) {
      requireFree(pod);
      if (wish.isolated()) {
        String unused = Steps.onlyRdmaDevice(host, vf.address());
      }
    }
    Optional<Guid> shown = netdev.isPresent() ? shown(netdev.get(), wish) : Optional.empty();
    FoundVf found =
        FoundVf.of(
            netdev.map(Link::name).orElse(""), shown, wish.guid().isPresent(), pf.vf(vf.number()));
    Attachment begun =
        new Attachment(
            conf.decided(vf.address(), device.userspace()),
            vf.pf(),
            vf.number(),
            found,
            "",
            RdmaNetState.NONE,
            Optional.of(journal(netdev, device.userspace(), !conf.ipamType().isEmpty())));
    Ipam ipam = new Ipam(call.caller(), conf.ipamType());
    Steps steps = new Steps(call, pf, vf, pod, begun);
    try {
      host.files().write(call.file(), begun);
      try (var node = host.lockNode()) {
        assert node != null;
        for (Step step : Step.into(wish, device.userspace(), call.environment().ifname())) {
          steps.make(step);
        }
      }
      IpamResult addresses = IpamResult.NONE;
      if (steps.attachment().holdsAddresses()) {
        addresses = ipam.add(call.request().cniVersion());
        Addresses.apply(pod, pod.links().link(steps.index()), addresses);
      }
      return finished(steps.attachment(), steps.index(), addresses);
    } catch (CniException | IOException | RuntimeException e) {
      new Repair(call).undo(steps.attachment(), pod, ipam);
      throw e;
    }
  }

  private Link netdev(Vf vf) throws CniException, LinuxException {
    Optional<String> name = vf.netdev(host.bus());
    if (name.isEmpty()) {
      throw CniException.internal(
          "VF "
              + vf.address()
              + " has neither a netdev on the host nor the driver vfio-pci; its driver is "
              + host.bus().device(vf.address()).driver().orElse("none"));
    }
    return call.links().link(name.get());
  }

  /** The GUID of the netdev, which must be one if no other is asked for. */
  private Optional<Guid> shown(Link netdev, VfWish wish) throws CniException, LinuxException {
    Optional<Guid> shown = Guid.in(host.ib().address(netdev));
    if (shown.isEmpty()) {
      throw CniException.internal(
          netdev.name() + " has no InfiniBand address: ib-sriov is not for Ethernet VFs");
    }
    if (wish.guid().isEmpty() && !shown.get().isUsable()) {
      throw CniException.internal(
          "VF netdev "
              + netdev.name()
              + " has GUID "
              + shown.get()
              + ", which is none, and no other is given: set the annotation's infiniband-guid or"
              + " configure the VF");
    }
    return shown;
  }

  private void requireFree(Pod pod) throws CniException, LinuxException {
    String ifname = call.environment().ifname();
    // The kernel looks among alternative names, too.
    if (pod.links().findLink(ifname).isPresent()) {
      throw CniException.internal("the pod has an interface " + ifname + " already");
    }
  }

  private Journal journal(Optional<Link> netdev, boolean userspace, boolean withIpam) {
    String ifname = call.environment().ifname();
    return new Journal(
        Phase.ADDING,
        call.id(),
        call.environment().containerId(),
        ifname,
        call.environment().netns(),
        0,
        userspace,
        netdev.map(Link::isUp).orElse(false),
        netdev.filter(link -> link.altNames().contains(ifname)).isPresent()
            ? List.of(ifname)
            : List.of(),
        withIpam,
        Optional.empty());
  }

  private Json finished(Attachment attachment, int index, IpamResult addresses)
      throws CniException, IOException {
    Json printed =
        new AddResult(call.environment().ifname(), call.environment().netns(), "", 0, addresses)
            .json(call.request().cniVersion());
    call.caller().requirePresent();
    Journal journal = attachment.own().orElseThrow();
    host.files().write(call.file(), attachment.with(journal.attachedAs(index, printed)));
    return printed;
  }
}
