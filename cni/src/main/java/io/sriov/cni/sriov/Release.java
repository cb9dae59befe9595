package io.sriov.cni.sriov;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes a VF again as it was found, wherever its netdev is and however far an ADD came. DEL, GC,
 * the undoing of a failed ADD, and the repair of a VF whose pod vanished all go this way; done
 * twice it changes nothing.
 */
final class Release {

  private static final Duration REAPPEAR_PAUSE = Duration.ofMillis(20);

  private final Host host;
  private final RouteSocket links;
  private final Attachment attachment;
  private final String ifname;
  private final CallLog log;
  private final List<String> failures = new ArrayList<>();
  private boolean outOfReach;

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
    this.ifname = ifname;
    this.log = log;
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
  Outcome run(Optional<Pod> pod) throws LinuxException {
    Optional<Vf> vf = Vf.find(host.bus(), host.sysfs(), attachment.deviceId());
    if (vf.isPresent()) {
      restoreSettings(vf.get());
      if (!attachment.userspace() && !vf.get().isUserspace(host.bus())) {
        try {
          restoreNetdev(vf.get(), pod);
        } catch (LinuxException e) {
          failures.add(e.getMessage());
        }
      }
    } else {
      log.info("VF {} is gone: nothing to restore", attachment.deviceId());
    }
    return new Outcome(List.copyOf(failures), outOfReach);
  }

  private void restoreSettings(Vf vf) {
    try {
      PfPort pf = host.hardware().pf(links, vf.pf());
      Optional<VfInfo> now = pf.vf(vf.number());
      if (now.isEmpty()) {
        failures.add("PF " + vf.pf() + " does not report its VF " + vf.number());
        return;
      }
      for (VfChange change :
          Restoration.settings(attachment.conf(), attachment.found(), now.get())) {
        restore(pf, vf, change);
      }
    } catch (LinuxException e) {
      failures.add(e.getMessage());
    }
  }

  private void restore(PfPort pf, Vf vf, VfChange change) {
    try {
      boolean unused =
          Retry.within(
              change instanceof VfChange.Mac ? host.settleTimeout() : Duration.ZERO,
              () -> {
                try {
                  pf.set(vf.number(), change);
                  return true;
                } catch (LinuxException e) {
                  if (pf.vf(vf.number())
                      .filter(now -> Restoration.holds(change, now))
                      .isPresent()) {
                    return true;
                  }
                  if (refusedForGood(e)) {
                    log.warn(
                        "PF {} refuses to give VF {} back {}: {}",
                        vf.pf(),
                        vf.number(),
                        change,
                        e.getMessage());
                    return true;
                  }
                  throw e;
                }
              });
    } catch (LinuxException e) {
      failures.add(e.getMessage());
    }
  }

  /**
   * A driver that refuses today will refuse tomorrow: retrying would keep the pod terminating for
   * ever.
   */
  private static boolean refusedForGood(LinuxException e) {
    return e.is(
        Errno.EOPNOTSUPP, Errno.EINVAL, Errno.EPROTONOSUPPORT, Errno.EPERM, Errno.EADDRNOTAVAIL);
  }

  private void restoreNetdev(Vf vf, Optional<Pod> pod) throws LinuxException {
    if (pod.isPresent()) {
      Optional<Link> inPod = pod.get().netdevOf(host.hardware(), attachment, ifname);
      if (inPod.isPresent()) {
        settle(bringBack(pod.get(), inPod.get()));
        return;
      }
    }
    Optional<Link> onHost = onHost(vf);
    if (onHost.isEmpty() && pod.isEmpty()) {
      // The kernel takes namespaces down in the background and then gives their devices back.
      boolean unused =
          Retry.within(
              host.settleTimeout(), REAPPEAR_PAUSE, () -> vf.netdev(host.bus()).isPresent());
      onHost = onHost(vf);
    }
    if (onHost.isPresent()) {
      settle(onHost.get());
    } else if (pod.isEmpty()) {
      log.warn(
          "the netdev of VF {} is not on the host: something keeps its pod's namespace alive",
          vf.address());
      outOfReach = true;
    } else if (host.bus().device(vf.address()).driver().isEmpty()) {
      // Somebody took the driver away, and the netdev with it: there is none to bring back.
      log.warn("VF {} has no driver and so no netdev to bring back", vf.address());
    } else {
      failures.add("the netdev of VF " + vf.address() + " is neither in the pod nor on the host");
    }
  }

  private Optional<Link> onHost(Vf vf) throws LinuxException {
    Optional<String> name = vf.netdev(host.bus());
    return name.isEmpty() ? Optional.empty() : links.findLink(name.get());
  }

  private Link bringBack(Pod pod, Link inPod) throws LinuxException {
    if (pod.netns().sameAs(host.netns())) {
      return inPod;
    }
    String name = freeName(inPod);
    try {
      pod.links().change(inPod, LinkChange.none().moveTo(host.netns()).name(name));
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      // The name was taken in the meantime; the move is made all the same.
      Optional<Link> moved =
          Pod.netdevAmong(links.links(), host.hardware(), attachment, inPod.name());
      return moved.orElseThrow(() -> e);
    }
    return links.link(name);
  }

  /** The name it had; if another link has that now, one that the kernel itself would choose. */
  private String freeName(Link link) throws LinuxException {
    String wanted = attachment.found().hostName();
    if (!wanted.isEmpty() && links.findLink(wanted).isEmpty()) {
      return wanted;
    }
    int number = link.index();
    while (links.findLink("dev" + number).isPresent()) {
      number++;
    }
    if (!wanted.isEmpty()) {
      log.warn(
          "VF {} cannot have its name {} back, which another link has: it becomes dev{}",
          attachment.deviceId(),
          wanted,
          number);
    }
    return "dev" + number;
  }

  private void settle(Link link) {
    for (Restoration.NetdevChange change :
        Restoration.netdev(attachment.found(), attachment.own(), link)) {
      try {
        settle(link, change);
      } catch (LinuxException e) {
        failures.add(e.getMessage());
      }
    }
  }

  private void settle(Link link, Restoration.NetdevChange change) throws LinuxException {
    switch (change) {
      case Restoration.NetdevChange.Down() -> links.change(link, LinkChange.none().up(false));
      case Restoration.NetdevChange.Rename(String name) -> {
        if (links.findLink(name).isEmpty()) {
          links.change(link, LinkChange.none().name(name));
        }
      }
      case Restoration.NetdevChange.Address(var address) -> {
        boolean unused =
            Retry.within(
                host.settleTimeout(),
                () -> {
                  links.change(link, LinkChange.none().address(address));
                  return links.link(link.index()).mac().equals(address);
                });
      }
      case Restoration.NetdevChange.Mtu(int bytes) ->
          links.change(link, LinkChange.none().mtu(bytes));
      case Restoration.NetdevChange.AddAltName(String name) -> {
        if (links.findLink(name).isEmpty()) {
          links.addAltName(link, name);
        }
      }
      case Restoration.NetdevChange.Up() -> links.change(link, LinkChange.none().up(true));
    }
  }
}
