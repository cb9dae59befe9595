package io.sriov.cni.sriov;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Vf;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores VFs whose pods went while nobody served: the forwarder of an uninstalled daemon answered
 * their DEL, and the kernel gave the netdev back as the pod had it. A netdev that is on the host is
 * in no pod, so no path of a pod has to be looked at. VFs that a userspace driver has do not tell;
 * the next ADD restores those.
 */
final class Sweep {

  private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

  private final Host host;

  Sweep(Host host) {
    this.host = host;
  }

  /** Restores the VFs whose address passes {@code vfs}. */
  void run(Predicate<String> vfs) {
    try (RouteSocket links = host.links()) {
      for (StateFiles.Named named : host.files().all()) {
        if (vfs.test(named.attachment().deviceId())) {
          restore(named, links);
        }
      }
    } catch (IOException e) {
      LOG.warn("state files cannot be listed: VFs of pods that went meanwhile are not restored", e);
    }
  }

  private void restore(StateFiles.Named seen, RouteSocket links) {
    String vf = seen.attachment().deviceId();
    try (var lock = host.files().lock(vf, Duration.ZERO)) {
      assert lock != null;
      if (host.files().read(seen.file()) instanceof StateFiles.Stored.Present(Attachment attachment)
          && attachment.isIn(Phase.ATTACHED)
          && isBack(attachment, links)) {
        LOG.info("the pod of {} went while nobody served: VF {} is restored", seen.file(), vf);
        Release.Outcome outcome =
            new Release(host, links, attachment, "", CallLog.ofDaemon()).run(Optional.empty());
        if (!outcome.clean()) {
          LOG.warn("VF {} is not as it was found: {}", vf, outcome.failures());
          return;
        }
        host.files().removeOwner(vf);
        host.files().leave(seen, attachment.holdsAddresses());
      }
    } catch (IOException e) {
      // Locked by a call, which then knows better; or for the next ADD to mend.
      LOG.info("VF {} is not restored now: {}", vf, e.getMessage());
    }
  }

  /**
   * Whether the netdev is on the host, down as the kernel leaves it; up, somebody staged it there.
   */
  private boolean isBack(Attachment attachment, RouteSocket links) throws LinuxException {
    Optional<Vf> vf = Vf.find(host.bus(), host.sysfs(), attachment.deviceId());
    if (vf.isEmpty() || attachment.userspace()) {
      return false;
    }
    Optional<String> name = vf.get().netdev(host.bus());
    if (name.isEmpty()) {
      return false;
    }
    return links.findLink(name.get()).filter(link -> !isStaged(attachment, link)).isPresent();
  }

  private static boolean isStaged(Attachment attachment, Link link) {
    return link.isUp()
        && attachment.own().map(own -> own.ifname().equals(link.name())).orElse(false);
  }
}
