package io.sriov.cni.ib;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.HostLinks;
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
 * Restores VFs whose pods went while nobody served. A netdev that is on the host, and down as the
 * kernel leaves it, is in no pod. VFs that vfio-pci has do not tell; the next ADD restores those.
 */
final class Sweep {

  private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

  private final Host host;

  Sweep(Host host) {
    this.host = host;
  }

  /** Restores the VFs whose address passes {@code vfs}. */
  void run(Predicate<String> vfs) {
    try (RouteSocket links = HostLinks.open(host.netns())) {
      for (StateFiles.Named named : host.files().all()) {
        if (vfs.test(named.attachment().deviceId())) {
          restore(named, links);
        }
      }
    } catch (IOException e) {
      LOG.warn(
          "state files cannot be listed: InfiniBand VFs of pods that went stay as they are", e);
    }
  }

  private void restore(StateFiles.Named seen, RouteSocket links) {
    String vf = seen.attachment().deviceId();
    try (var lock = host.lock(vf, Duration.ZERO)) {
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
        host.files().leave(seen, attachment.holdsAddresses());
      }
    } catch (IOException e) {
      // Locked by a call, which then knows better; or for the next ADD to mend.
      LOG.info("VF {} is not restored now: {}", vf, e.getMessage());
    }
  }

  private boolean isBack(Attachment attachment, RouteSocket links) throws LinuxException {
    Optional<Vf> vf = Vf.find(host.bus(), host.sysfs(), attachment.deviceId());
    Optional<String> name =
        vf.isEmpty() || attachment.userspace() ? Optional.empty() : vf.get().netdev(host.bus());
    Optional<Link> link = name.isEmpty() ? Optional.empty() : links.findLink(name.get());
    return link.filter(found -> !found.isUp()).isPresent();
  }
}
