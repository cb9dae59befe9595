package io.sriov.cni.ib;

import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VfLinkState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What must change so that a VF is again as it was found. */
final class Restoration {

  private Restoration() {}

  /**
   * Settings of the PF that were asked for and are not as they were. In a file of the Go plugin the
   * link state is not recorded: it was the driver's default then.
   *
   * @param now empty if the driver reports nothing of the VF
   */
  static List<VfChange> settings(Attachment attachment, Optional<VfInfo> now) {
    List<VfChange> changes = new ArrayList<>();
    FoundVf found = attachment.found();
    VfLinkState linkState = found.linkState().orElse(VfLinkState.AUTO);
    if (!attachment.conf().linkState().isEmpty()
        && !now.map(VfInfo::linkState).equals(Optional.of(linkState))) {
      changes.add(new VfChange.LinkState(linkState));
    }
    if (found.guidsChanged()) {
      long node = found.nodeGuidBack().value();
      long port = found.portGuidBack().value();
      if (!now.map(VfInfo::nodeGuid).equals(Optional.of(OptionalLong.of(node)))) {
        changes.add(new VfChange.NodeGuid(node));
      }
      if (!now.map(VfInfo::portGuid).equals(Optional.of(OptionalLong.of(port)))) {
        changes.add(new VfChange.PortGuid(port));
      }
    }
    return List.copyOf(changes);
  }

  /**
   * Whether the VF must be bound to its driver anew to take its former GUID: if it still shows the
   * pod's, if it has lost its driver on the way, or if its netdev is nowhere.
   *
   * @param shown GUID of its netdev on the host, empty if there is no netdev
   */
  static boolean needsRebind(Attachment attachment, Optional<Guid> shown, boolean hasDriver) {
    Optional<Guid> given = attachment.given();
    if (!attachment.found().guidsChanged()) {
      return false;
    }
    return !hasDriver
        || shown.isEmpty()
        || (shown.equals(given) && !Guid.parse(attachment.found().hostGuid()).equals(given));
  }
}
