package io.sriov.cni.sriov;

import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.wire.Caller;
import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.util.Optional;

/** Whose a VF is, by the allocation file; to be asked under the VF's lock. */
record Ownership(Host host, Caller caller) {

  /**
   * The network namespace at a path of the host's, empty if there is none.
   *
   * @throws LinuxException if that cannot be told, e.g. ENFILE: the namespace may well be alive
   */
  PodNamespace namespaceAt(String path) throws IOException {
    return PodNamespace.at(path, caller);
  }

  /** Path of the living namespace that owns the VF, empty if it is free. */
  Optional<String> livingOwner(String vf) throws IOException {
    Optional<String> owner = host.files().owner(vf);
    if (owner.isEmpty()) {
      return owner;
    }
    try (PodNamespace netns = namespaceAt(owner.get())) {
      return netns instanceof PodNamespace.Open ? owner : Optional.empty();
    }
  }

  /**
   * Whether the VF still is that of an attachment. It is not when its pod's namespace vanished and
   * another pod got the VF since: then a late DEL must not touch it.
   *
   * @param netns {@code CNI_NETNS} of the call, may be empty
   */
  boolean isStillOf(StateFiles.Named named, String netns) throws IOException {
    Attachment attachment = named.attachment();
    Optional<String> owner = host.files().owner(attachment.deviceId());
    String known = attachment.own().map(Journal::netns).orElse(netns);
    if (owner.isPresent() && !known.isEmpty()) {
      return owner.get().equals(known);
    }
    for (StateFiles.Named other : host.files().of(attachment.deviceId())) {
      if (!other.file().equals(named.file()) && !other.attachment().isIn(Phase.RELEASED)) {
        return false;
      }
    }
    return true;
  }
}
