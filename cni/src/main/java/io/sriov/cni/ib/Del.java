package io.sriov.cni.ib;

import io.sriov.cni.json.JsonException;
import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.RdmaNetState;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import java.io.IOException;
import java.util.Optional;

/**
 * DEL (spec 04 §5.4): gives addresses back and makes the VF as it was found. Once it succeeded it
 * succeeds again. A failure keeps the state file, so that a repetition really is one.
 */
final class Del {

  private final Call call;
  private final Host host;

  Del(Call call) {
    this.call = call;
    this.host = call.host();
  }

  void run() throws CniException, IOException {
    call.netns().refuse(host.netns(), call.environment());
    if (call.netns() instanceof PodNamespace.Unusable(String reason)) {
      call.log().info("the pod is gone: {}", reason);
    }
    switch (host.files().read(call.file())) {
      case StateFiles.Stored.Missing() ->
          call.log().info("DEL of {}, which is not attached", call.file());
      case StateFiles.Stored.Unreadable(String reason) -> salvage(reason);
      case StateFiles.Stored.Present(Attachment seen) -> {
        try (var lock = host.lock(seen.deviceId(), host.lockTimeout())) {
          assert lock != null;
          // Another DEL may have been here while this one waited.
          if (host.files().read(call.file())
              instanceof StateFiles.Stored.Present(Attachment attachment)) {
            release(attachment);
          }
        }
      }
    }
  }

  private void release(Attachment attachment) throws CniException, IOException {
    // The runtime may have forgotten a namespace that is alive.
    String path = attachment.own().map(Journal::netns).orElse("");
    boolean forgotten = call.netns() instanceof PodNamespace.None;
    try (PodNamespace recorded =
        forgotten ? PodNamespace.at(path, call.caller()) : new PodNamespace.None()) {
      Optional<Pod> pod = forgotten ? recorded.enter() : call.netns().enter();
      try {
        new Detachment(
                call, new StateFiles.Named(call.file(), attachment), call.environment().ifname())
            .run(pod, Optional.of(new Ipam(call.caller(), attachment.conf().ipamType())));
      } finally {
        pod.ifPresent(Pod::close);
      }
    }
  }

  /** Without its state file a VF is known by the call's configuration, if the pod has it. */
  private void salvage(String reason) throws CniException, IOException {
    call.log()
        .warn(
            "state file {} cannot be read ({}): moved to {}",
            call.file(),
            reason,
            host.files().folder().quarantine(call.file()));
    Conf conf;
    String address;
    try {
      conf = Conf.of(call.request().config());
      address = Vf.addressOf(conf.deviceId());
    } catch (JsonException | CniException e) {
      call.log().warn("nothing is known of the VF of {}: {}", call.file(), e.getMessage());
      return;
    }
    Optional<Pod> pod = call.netns().enter();
    try (var lock = host.lock(address, host.lockTimeout())) {
      assert lock != null;
      if (pod.isPresent() && pod.get().netdevOf(host.hardware(), address, _ -> false).isPresent()) {
        FoundVf found = FoundVf.of("", Optional.empty(), !conf.guid().isEmpty(), Optional.empty());
        Attachment guessed =
            new Attachment(
                conf.decided(address, false),
                "",
                0,
                found,
                call.environment().ifname(),
                RdmaNetState.NONE,
                Optional.empty());
        new Detachment(
                call, new StateFiles.Named(call.file(), guessed), call.environment().ifname())
            .run(pod, Optional.of(new Ipam(call.caller(), conf.ipamType())));
      }
    } finally {
      pod.ifPresent(Pod::close);
    }
  }
}
