package io.sriov.cni.sriov;

import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.protocol.CniException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Ends an attachment, under the lock of its VF. */
final class Detachment {

  private final Call call;
  private final Host host;
  private final StateFiles.Named named;
  private final String ifname;

  Detachment(Call call, StateFiles.Named named, String ifname) {
    this.call = call;
    this.host = call.host();
    this.named = named;
    this.ifname = ifname;
  }

  /**
   * Gives the addresses back, then the VF. That the IPAM plugin fails does not keep the VF from
   * coming back; its error is the call's all the same, and only the addresses are left to the next
   * DEL.
   *
   * @param pod its namespace, empty if that is gone
   * @param ipam empty if somebody else takes care of the addresses
   */
  void run(Optional<Pod> pod, Optional<Ipam> ipam) throws CniException, IOException {
    Attachment attachment = named.attachment();
    Optional<CniException> owed =
        attachment.holdsAddresses() && ipam.isPresent()
            ? ipam.get().giveBack(attachment.isIn(Phase.ADDING), named.file(), call.log())
            : Optional.empty();
    boolean forget = true;
    if (!attachment.isIn(Phase.RELEASED)) {
      if (call.ownership().isStillOf(named, call.environment().netns())) {
        forget = release(attachment, pod);
      } else {
        call.log()
            .info(
                "VF {} belongs to another pod by now: DEL of {} leaves it alone",
                attachment.deviceId(),
                named.file());
      }
    }
    if (owed.isPresent()) {
      host.files().write(named.file(), attachment.with(released(attachment)));
      throw owed.get();
    }
    if (forget) {
      host.files().remove(named.file());
    } else if (attachment.own().isPresent()) {
      host.files()
          .write(named.file(), attachment.with(attachment.own().get().withIpamAsked(false)));
    }
  }

  /** Whether nothing remains to be done. */
  private boolean release(Attachment attachment, Optional<Pod> pod)
      throws CniException, IOException {
    Release.Outcome outcome =
        new Release(host, call.links(), attachment, ifname, call.log()).run(pod);
    if (!outcome.failures().isEmpty()) {
      throw CniException.internal(
          "VF "
              + attachment.deviceId()
              + " is not released: "
              + String.join("; ", outcome.failures()));
    }
    if (outcome.outOfReach()) {
      // Success, since no repetition would help; the next ADD on this VF repairs it.
      return false;
    }
    host.files().removeOwner(attachment.deviceId());
    return true;
  }

  private Journal released(Attachment attachment) {
    return attachment
        .own()
        .orElseGet(() ->
            new Journal(
                Phase.RELEASED,
                "",
                call.environment().containerId(),
                ifname,
                call.environment().netns(),
                0,
                attachment.userspace(),
                false,
                List.of(),
                true,
                Optional.empty()))
        .in(Phase.RELEASED);
  }
}
