package io.sriov.cni.sriov;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.FoundNetdev;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.Retry;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.plugin.WayBack;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
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
    WayBack way = host.wayBack(links, log);
    FoundNetdev found = Restoration.netdev(attachment.found(), attachment.own());
    switch (way.bring(
        vf,
        found,
        link -> attachment.resembles(link, ifname),
        pod,
        attachment.own().map(Journal::podIndex).orElse(0))) {
      case WayBack.Whereabouts.Home(Link link) -> failures.addAll(way.settle(link, found));
      case WayBack.Whereabouts.OutOfReach() -> outOfReach = true;
      case WayBack.Whereabouts.Driverless() -> {}
      case WayBack.Whereabouts.Lost() ->
          failures.add(
              "the netdev of VF " + vf.address() + " is neither in the pod nor on the host");
    }
  }
}
