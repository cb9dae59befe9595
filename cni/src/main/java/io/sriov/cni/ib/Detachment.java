package io.sriov.cni.ib;

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
    boolean outOfReach = !attachment.isIn(Phase.RELEASED) && release(attachment, pod);
    if (owed.isPresent()) {
      host.files().write(named.file(), attachment.with(journal().in(Phase.RELEASED)));
      throw owed.get();
    }
    if (outOfReach && attachment.own().isPresent()) {
      // Success, since no repetition would help; the next ADD on this VF repairs it.
      host.files()
          .write(named.file(), attachment.with(attachment.own().get().withIpamAsked(false)));
    } else {
      host.files().remove(named.file());
    }
  }

  /** Whether something keeps the VF where it cannot be reached. */
  private boolean release(Attachment attachment, Optional<Pod> pod)
      throws CniException, IOException {
    boolean here =
        pod.isPresent()
            && pod.get()
                .netdevOf(
                    host.hardware(),
                    attachment.deviceId(),
                    link -> attachment.resembles(link, ifname))
                .isPresent();
    if (!here && !host.files().holding(attachment.deviceId(), named.file()).isEmpty()) {
      call.log()
          .info(
              "VF {} belongs to another pod by now: DEL of {} leaves it alone",
              attachment.deviceId(),
              named.file());
      return false;
    }
    Release.Outcome outcome =
        new Release(host, call.links(), attachment, ifname, call.log()).run(pod);
    if (!outcome.failures().isEmpty()) {
      throw CniException.internal(
          "VF "
              + attachment.deviceId()
              + " is not released: "
              + String.join("; ", outcome.failures()));
    }
    return outcome.outOfReach();
  }

  private Journal journal() {
    return named
        .attachment()
        .own()
        .orElseGet(() ->
            new Journal(
                Phase.RELEASED,
                "",
                call.environment().containerId(),
                ifname,
                call.environment().netns(),
                0,
                named.attachment().userspace(),
                false,
                List.of(),
                true,
                Optional.empty()));
  }
}
