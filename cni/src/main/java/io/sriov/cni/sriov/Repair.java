package io.sriov.cni.sriov;

import io.sriov.cni.json.Json;
import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.util.Optional;

/**
 * What an ADD finds of earlier ones, and what it leaves if it fails; always under the VF's lock.
 */
final class Repair {

  private final Call call;
  private final Host host;

  Repair(Call call) {
    this.call = call;
    this.host = call.host();
  }

  /**
   * Makes the VF free for an ADD, if it may be.
   *
   * @return the result of this very call, if it was completed before its connection was lost
   * @throws CniException code 999 if another attachment holds the VF
   */
  Optional<Json> before(Vf vf) throws CniException, IOException {
    switch (host.files().read(call.file())) {
      case StateFiles.Stored.Missing() -> {}
      case StateFiles.Stored.Unreadable(String reason) ->
          call.log()
              .warn(
                  "state file {} cannot be read ({}): moved to {}",
                  call.file(),
                  reason,
                  host.files().quarantine(call.file()));
      case StateFiles.Stored.Present(Attachment earlier) -> {
        Optional<Json> result = repetition(vf, earlier);
        if (result.isPresent()) {
          return result;
        }
      }
    }
    Optional<String> owner = call.ownership().livingOwner(vf.address());
    if (owner.isPresent()) {
      throw allocated(vf, owner.get());
    }
    repairAbandoned(vf);
    host.files().removeOwner(vf.address());
    return Optional.empty();
  }

  /** An earlier ADD with the same container and interface. */
  private Optional<Json> repetition(Vf vf, Attachment earlier) throws CniException, IOException {
    if (earlier.isIn(Phase.RELEASED)) {
      releaseAddresses(earlier);
      host.files().remove(call.file());
      return Optional.empty();
    }
    if (!earlier.deviceId().equals(vf.address())) {
      throw CniException.internal(
          "interface "
              + call.environment().ifname()
              + " of this container is attached to VF "
              + earlier.deviceId()
              + " already: it needs a DEL first");
    }
    if (earlier.isIn(Phase.ADDING)) {
      call.log().info("an ADD of {} on VF {} was cut off: undone first", call.file(), vf.address());
      finish(earlier);
      return Optional.empty();
    }
    return earlier.own().filter(own -> own.requestId().equals(call.id())).flatMap(Journal::result);
  }

  private void finish(Attachment earlier) throws CniException, IOException {
    if (earlier.holdsAddresses()) {
      releaseAddresses(earlier);
    }
    Optional<Pod> pod = call.netns().enter();
    try {
      Release.Outcome outcome =
          new Release(host, call.links(), earlier, call.environment().ifname(), call.log())
              .run(pod);
      if (!outcome.clean()) {
        throw CniException.internal(
            "VF "
                + earlier.deviceId()
                + " cannot be restored after an earlier ADD: "
                + String.join("; ", outcome.failures()));
      }
    } finally {
      pod.ifPresent(Pod::close);
    }
    host.files().removeOwner(earlier.deviceId());
    host.files().remove(call.file());
  }

  private void releaseAddresses(Attachment earlier) throws CniException, IOException {
    Ipam ipam = new Ipam(call.caller(), earlier.conf().ipamType());
    try {
      ipam.tell("DEL");
    } catch (CniException e) {
      if (ipam.ran()) {
        throw e;
      }
      call.log().warn("addresses of {} are not released: {}", call.file(), e.getMessage());
    }
  }

  /** Attachments whose pod vanished without a DEL leave the VF as the pod had it. */
  private void repairAbandoned(Vf vf) throws CniException, IOException {
    for (StateFiles.Named named : host.files().of(vf.address())) {
      Attachment abandoned = named.attachment();
      if (abandoned.isIn(Phase.RELEASED)) {
        continue;
      }
      String netns = abandoned.own().map(Journal::netns).orElse("");
      try (PodNamespace living = call.ownership().namespaceAt(netns)) {
        if (living instanceof PodNamespace.Open) {
          throw allocated(vf, netns);
        }
      }
      call.log()
          .info(
              "the pod of {} is gone without a DEL: VF {} is restored", named.file(), vf.address());
      Release.Outcome outcome =
          new Release(host, call.links(), abandoned, "", call.log()).run(Optional.empty());
      if (!outcome.clean()) {
        call.log().warn("VF {} is not as it was found: {}", vf.address(), outcome.failures());
      }
      host.files().leave(named, abandoned.holdsAddresses());
    }
  }

  private static CniException allocated(Vf vf, String owner) {
    return CniException.internal(
        "pci address " + vf.address() + " is already allocated, to network namespace " + owner);
  }

  /**
   * Takes a failed ADD back. What cannot be taken back now is left to the DEL that the runtime
   * sends after every failed ADD: the state file tells it.
   */
  void undo(Attachment begun, Pod pod, Ipam ipam) {
    boolean holdsAddresses = false;
    if (ipam.ran()) {
      try {
        ipam.tell("DEL");
      } catch (CniException | IOException e) {
        holdsAddresses = ipam.gave();
        call.log().warn("addresses of {} are not released yet: {}", call.file(), e.getMessage());
      }
    }
    release(begun, Optional.of(pod), holdsAddresses);
  }

  /** Takes this very ADD back, carried out as it is; addresses stay for a DEL. */
  void takeBack() throws IOException {
    if (!(host.files().read(call.file()) instanceof StateFiles.Stored.Present(Attachment seen))) {
      return;
    }
    try (var lock = host.files().lock(seen.deviceId(), host.lockTimeout())) {
      assert lock != null;
      if (host.files().read(call.file()) instanceof StateFiles.Stored.Present(Attachment attached)
          && attached.own().map(Journal::requestId).filter(call.id()::equals).isPresent()) {
        Optional<Pod> pod = call.netns().enter();
        try {
          release(attached, pod, attached.holdsAddresses());
        } finally {
          pod.ifPresent(Pod::close);
        }
      }
    }
  }

  private void release(Attachment begun, Optional<Pod> pod, boolean holdsAddresses) {
    try {
      Release.Outcome outcome =
          new Release(host, call.links(), begun, call.environment().ifname(), call.log()).run(pod);
      if (outcome.clean()) {
        host.files().removeOwner(begun.deviceId());
        host.files().leave(new StateFiles.Named(call.file(), begun), holdsAddresses);
      } else {
        call.log()
            .error(
                "VF {} is not as it was found after a failed ADD: {}",
                begun.deviceId(),
                outcome.failures());
      }
    } catch (LinuxException e) {
      call.log().error("a failed ADD on VF {} is not undone: {}", begun.deviceId(), e.getMessage());
    } catch (IOException e) {
      call.log()
          .error(
              "state files of VF {} are not removed after a failed ADD: {}",
              begun.deviceId(),
              e.getMessage());
    }
  }
}
