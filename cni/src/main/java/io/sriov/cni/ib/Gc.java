package io.sriov.cni.ib;

import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.ValidAttachments;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * GC (CNI spec 1.1): ends the attachments of this network that the runtime does not list as valid.
 */
final class Gc {

  private final Call call;
  private final Host host;

  Gc(Call call) {
    this.call = call;
    this.host = call.host();
  }

  void run() throws CniException, IOException {
    Conf conf = Conf.decoded(call.request().config());
    List<String> failures = new ArrayList<>();
    Optional<ValidAttachments> valid = ValidAttachments.in(call.request().config());
    if (valid.isPresent()) {
      for (StateFiles.Named named : host.files().all()) {
        if (named.attachment().conf().name().equals(call.request().name())
            && !valid.get().contains(named.file())) {
          end(named, failures);
        }
      }
    }
    if (!conf.ipamType().isEmpty()) {
      new Ipam(call.caller(), conf.ipamType()).tell("GC");
    }
    if (!failures.isEmpty()) {
      throw CniException.internal(String.join("; ", failures));
    }
  }

  private void end(StateFiles.Named seen, List<String> failures) throws IOException {
    try (var lock = host.lock(seen.attachment().deviceId(), host.lockTimeout())) {
      assert lock != null;
      if (!(host.files().read(seen.file())
          instanceof StateFiles.Stored.Present(Attachment attachment))) {
        return;
      }
      String path = attachment.own().map(Journal::netns).orElse("");
      String ifname = attachment.own().map(Journal::ifname).orElse("");
      try (PodNamespace netns = PodNamespace.at(path, call.caller())) {
        Optional<Pod> pod = netns.enter();
        try {
          // The plugin's own GC gives the addresses back.
          new Detachment(call, new StateFiles.Named(seen.file(), attachment), ifname)
              .run(pod, Optional.empty());
        } finally {
          pod.ifPresent(Pod::close);
        }
      }
    } catch (CniException | LinuxException e) {
      failures.add(seen.file() + ": " + e.getMessage());
    }
  }
}
