package io.sriov.cni.ib;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.FoundNetdev;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.plugin.WayBack;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Makes a VF again as it was found, wherever its netdev and its RDMA device are and however far an
 * ADD came; done twice it changes nothing.
 */
final class Release {

  private final Host host;
  private final RouteSocket links;
  private final Attachment attachment;
  private final Predicate<Link> resembles;
  private final CallLog log;
  private final WayBack way;
  private final List<String> failures = new ArrayList<>();
  private boolean outOfReach;

  /** Whether the netdev comes anew, which takes its time. */
  private boolean anew;

  /**
   * A release of {@code attachment}.
   *
   * @param links of the host
   * @param ifname name of the interface in the pod
   */
  Release(Host host, RouteSocket links, Attachment attachment, String ifname, CallLog log) {
    this.host = host;
    this.links = links;
    this.attachment = attachment;
    this.resembles = link -> attachment.resembles(link, ifname);
    this.log = log;
    this.way = host.wayBack(links, log);
  }

  /**
   * What came of it.
   *
   * @param failures what a repetition may still mend
   * @param outOfReach the pod's namespace is gone for us, but something keeps the netdev in it
   */
  record Outcome(List<String> failures, boolean outOfReach) {
    boolean clean() {
      return failures.isEmpty() && !outOfReach;
    }
  }

  /**
   * Restores the VF.
   *
   * @param pod its namespace, empty if that is gone
   */
  Outcome run(Optional<Pod> pod) {
    try {
      Optional<Vf> vf = Vf.find(host.bus(), host.sysfs(), attachment.deviceId());
      if (vf.isPresent()) {
        try (var node = host.lockNode()) {
          assert node != null;
          release(vf.get(), pod);
        }
      } else {
        log.info("{} is no VF now: nothing to restore", attachment.deviceId());
      }
    } catch (IOException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
    return new Outcome(List.copyOf(failures), outOfReach);
  }

  private void release(Vf vf, Optional<Pod> pod) throws LinuxException {
    boolean hasNetdev = !attachment.userspace() && !vf.isUserspace(host.bus());
    if (hasNetdev && pod.isPresent()) {
      leave(vf, pod.get());
    }
    boolean restored = restoreSettings(vf);
    if (hasNetdev) {
      if (restored) {
        rebind(vf, pod);
      }
      arrive(vf, pod);
    }
  }

  /** First the netdev, then the RDMA device: where its driver makes the netdev anew, it is here. */
  private void leave(Vf vf, Pod pod) {
    try {
      Optional<Link> unused = way.fromPod(vf, attachment.foundNetdev(), resembles, pod, podIndex());
    } catch (LinuxException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
    try {
      String device = attachment.rdma().inPod();
      if (!device.isEmpty()
          && !pod.netns().sameAs(host.netns())
          && host.rdma().isExclusive()
          && host.rdma().isIn(pod.netns(), device)) {
        host.rdma().move(device, pod.netns(), host.netns());
        anew = true;
      }
    } catch (LinuxException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
  }

  private int podIndex() {
    return attachment.own().map(Journal::podIndex).orElse(0);
  }

  private boolean restoreSettings(Vf vf) {
    int before = failures.size();
    try {
      PfPort pf = host.hardware().pf(links, vf.pf());
      for (VfChange change : Restoration.settings(attachment, pf.vf(vf.number()))) {
        restore(pf, vf, change);
      }
    } catch (LinuxException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
    return failures.size() == before;
  }

  private void restore(PfPort pf, Vf vf, VfChange change) {
    try {
      pf.set(vf.number(), change);
    } catch (LinuxException e) {
      // What a driver refuses for good it will refuse tomorrow; the pod must be able to end.
      if (e.is(Errno.EOPNOTSUPP, Errno.EINVAL, Errno.EPERM)) {
        log.warn(
            "PF {} refuses to give VF {} back {}: {}",
            vf.pf(),
            vf.number(),
            change,
            e.getMessage());
      } else {
        failures.add(String.valueOf(e.getMessage()));
      }
    }
  }

  private void rebind(Vf vf, Optional<Pod> pod) throws LinuxException {
    Duration patience =
        anew ? host.bindTimeout() : pod.isEmpty() ? host.settleTimeout() : Duration.ZERO;
    Optional<Link> onHost = way.awaitOnHost(vf, patience);
    Optional<Guid> shown =
        onHost.isEmpty() ? Optional.empty() : Guid.in(host.ib().address(onHost.get()));
    boolean hasDriver = host.bus().device(vf.address()).driver().isPresent();
    if (!Restoration.needsRebind(attachment, shown, hasDriver)) {
      return;
    }
    try {
      host.ib().rebind(vf.address());
      anew = true;
    } catch (LinuxException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
  }

  private void arrive(Vf vf, Optional<Pod> pod) throws LinuxException {
    FoundNetdev found = attachment.foundNetdev();
    if (anew) {
      Optional<Link> unused = way.awaitOnHost(vf, host.bindTimeout());
    }
    switch (way.bring(vf, found, resembles, pod, podIndex())) {
      case WayBack.Whereabouts.Home(Link link) -> failures.addAll(way.settle(link, found));
      case WayBack.Whereabouts.OutOfReach() -> outOfReach = true;
      case WayBack.Whereabouts.Driverless() -> {}
      case WayBack.Whereabouts.Lost() ->
          failures.add(
              "the netdev of VF " + vf.address() + " is neither in the pod nor on the host");
    }
  }
}
