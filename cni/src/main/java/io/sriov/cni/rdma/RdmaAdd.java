package io.sriov.cni.rdma;

import io.sriov.cni.json.Json;
import io.sriov.cni.plugin.CniArgs;
import io.sriov.cni.plugin.HostLinks;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.RdmaNetState;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.RdmaSocket;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * ADD (spec 04 §5.5): moves the RDMA device into the pod and hands the result before on. The state
 * file is written before the move, so that whoever comes next can take it back.
 */
final class RdmaAdd {

  private final RdmaCall call;
  private final RdmaHost host;

  RdmaAdd(RdmaCall call) {
    this.call = call;
    this.host = call.host();
  }

  Json run() throws CniException, IOException {
    RdmaConf conf = RdmaConf.of(call.request().config());
    CniArgs unused = CniArgs.parse(call.environment().args());
    PreviousResult previous = PreviousResult.of(conf);
    Json printed = previous.in(call.request().cniVersion());
    NetNamespace pod = call.netns().require(call.environment().netns());
    call.refuseHost();
    requireExclusive();
    DeviceId device = DeviceId.of(conf.deviceId().isEmpty() ? found(previous) : conf.deviceId());
    try (var lock = host.lock(device.name(), host.lockTimeout())) {
      assert lock != null;
      // While it waited for the lock, the runtime may have given it up.
      call.caller().requirePresent();
      Optional<Json> already = before(device, pod);
      return already.isPresent() ? already.get() : move(device, pod, printed);
    }
  }

  private void requireExclusive() throws CniException, LinuxException {
    Optional<RdmaSocket.NetnsMode> mode = host.rdma().mode();
    if (mode.isEmpty()) {
      throw CniException.internal("the kernel tells no RDMA mode: is ib_core loaded?");
    }
    if (mode.get() != RdmaSocket.NetnsMode.EXCLUSIVE) {
      throw CniException.internal(
          "RDMA devices are shared by all network namespaces of this node: set rdmaMode exclusive in"
              + " a SriovNetworkPoolConfig");
    }
  }

  /** The VF with the address that the plugin before gave its only interface. */
  private String found(PreviousResult previous) throws CniException, LinuxException {
    Optional<HardwareAddress> mac =
        previous.onlyMac().flatMap(HardwareAddress::parse).filter(address -> !address.isZero());
    if (mac.isEmpty()) {
      throw CniException.internal(
          "deviceID is missing, and prevResult has no single interface with a mac to find it by");
    }
    List<String> vfs = new ArrayList<>();
    PciBus bus = new PciBus(host.sysfs());
    try (RouteSocket links = HostLinks.open(host.netns())) {
      for (PciDevice device : bus.devices()) {
        Optional<Vf> vf = Vf.find(bus, host.sysfs(), device.address());
        if (vf.isPresent()
            && host.vfs()
                .pf(links, vf.get().pf())
                .vf(vf.get().number())
                .map(VfInfo::mac)
                .equals(mac)) {
          vfs.add(device.address());
        }
      }
    }
    if (vfs.size() != 1) {
      throw CniException.internal(
          "deviceID is missing, and the VFs with the address "
              + mac.get()
              + " of prevResult are "
              + vfs
              + " instead of one");
    }
    call.log().warn("deviceID is missing: by its address {} it is {}", mac.get(), vfs.getFirst());
    return vfs.getFirst();
  }

  /**
   * What an earlier ADD of this interface left.
   *
   * @return the result of this very call, if it was completed before its connection was lost
   */
  private Optional<Json> before(DeviceId device, NetNamespace pod)
      throws CniException, IOException {
    switch (host.read(call.file())) {
      case RdmaHost.Stored.Missing() -> {}
      case RdmaHost.Stored.Unreadable(String reason) ->
          call.log()
              .warn(
                  "state file {} cannot be read ({}): moved to {}",
                  call.file(),
                  reason,
                  host.states().quarantine(call.file()));
      case RdmaHost.Stored.Present(RdmaState earlier) -> {
        boolean there = host.rdma().isIn(pod, earlier.moved().inPod());
        Optional<Json> result =
            earlier.own().filter(own -> own.requestId().equals(call.id())).flatMap(Journal::result);
        if (there && result.isPresent()) {
          return result;
        }
        if (there && earlier.isIn(Phase.ATTACHED)) {
          throw CniException.internal(
              "this container has RDMA device "
                  + earlier.moved().inPod()
                  + " for "
                  + call.environment().ifname()
                  + " already: it needs a DEL first");
        }
        if (there) {
          call.log()
              .info("an ADD of {} on {} was cut off: undone first", call.file(), device.name());
          host.bringBack(earlier, pod);
        }
        host.states().remove(call.file());
      }
    }
    return Optional.empty();
  }

  private Json move(DeviceId device, NetNamespace pod, Json printed)
      throws CniException, IOException {
    String name = device.rdmaDevice(host.sysfs());
    Journal journal =
        new Journal(
            Phase.ADDING,
            call.id(),
            call.environment().containerId(),
            call.environment().ifname(),
            call.environment().netns(),
            0,
            false,
            false,
            List.of(),
            false,
            Optional.empty());
    RdmaState begun = new RdmaState(RdmaNetState.of(device.name(), name), Optional.of(journal));
    try {
      host.write(call.file(), begun);
      try {
        host.rdma().move(name, host.netns(), pod);
      } catch (LinuxException e) {
        throw CniException.internal("cannot move RDMA device " + name + " into the pod", e);
      }
      call.caller().requirePresent();
      host.write(call.file(), begun.with(journal.attachedAs(0, printed)));
    } catch (CniException | IOException | RuntimeException e) {
      undo(begun, pod);
      throw e;
    }
    return printed;
  }

  /** Takes this very ADD back, carried out as it is. */
  void takeBack() throws IOException {
    if (!(host.read(call.file()) instanceof RdmaHost.Stored.Present(RdmaState seen))
        || !(call.netns() instanceof PodNamespace.Open(NetNamespace pod))) {
      return;
    }
    try (var lock = host.lock(seen.moved().deviceId(), host.lockTimeout())) {
      assert lock != null;
      if (host.read(call.file()) instanceof RdmaHost.Stored.Present(RdmaState attached)
          && attached.own().map(Journal::requestId).filter(call.id()::equals).isPresent()) {
        undo(attached, pod);
      }
    }
  }

  /** What cannot be taken back now is left to the DEL that follows: the state file tells it. */
  private void undo(RdmaState begun, NetNamespace pod) {
    try {
      host.bringBack(begun, pod);
      host.states().remove(call.file());
    } catch (IOException e) {
      call.log()
          .error(
              "RDMA device {} is not as it was found after a failed ADD: {}",
              begun.moved().inPod(),
              e.getMessage());
    }
  }
}
