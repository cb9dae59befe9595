package io.sriov.node.reconcile;

import io.sriov.api.SriovNetworkNodeStateStatus;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import io.sriov.api.SriovNetworkNodeStateStatus.VirtualFunction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which differences of a status are worth a write (spec 03 §3.5). */
final class StatusDifference {

  private StatusDifference() {}

  /**
   * Not those of VFs alone: a VF that moves into a pod loses its name, and comes back. A new name
   * or another driver is written, though: udev renames netdevs after they were first seen.
   */
  static boolean worthWriting(SriovNetworkNodeStateStatus old, SriovNetworkNodeStateStatus now) {
    return !empty(old.syncStatus()).equals(empty(now.syncStatus()))
        || !empty(old.lastSyncError()).equals(empty(now.lastSyncError()))
        || !Objects.equals(old.system(), now.system())
        || !old.conditions().equals(now.conditions())
        || !withoutVfs(old.interfaces()).equals(withoutVfs(now.interfaces()))
        || renamed(old.interfaces(), now.interfaces());
  }

  private static List<InterfaceExt> withoutVfs(List<InterfaceExt> pfs) {
    return pfs.stream()
        .map(pf ->
            new InterfaceExt(
                pf.name(),
                pf.mac(),
                pf.driver(),
                pf.pciAddress(),
                pf.vendor(),
                pf.deviceID(),
                pf.netFilter(),
                pf.mtu(),
                pf.numVfs(),
                pf.linkSpeed(),
                pf.linkType(),
                pf.linkAdminState(),
                pf.eSwitchMode(),
                pf.externallyManaged(),
                pf.totalvfs(),
                List.of(),
                pf.altNames()))
        .toList();
  }

  private static boolean renamed(List<InterfaceExt> old, List<InterfaceExt> now) {
    Map<String, VirtualFunction> before = new HashMap<>();
    old.forEach(pf -> pf.vfs().forEach(vf -> before.put(vf.pciAddress(), vf)));
    return now.stream()
        .flatMap(pf -> pf.vfs().stream())
        .anyMatch(vf -> {
          VirtualFunction earlier = before.get(vf.pciAddress());
          return earlier == null
              || differ(earlier.name(), vf.name())
              || !Objects.equals(earlier.driver(), vf.driver());
        });
  }

  private static boolean differ(@Nullable String before, @Nullable String now) {
    return before != null && now != null && !before.equals(now);
  }

  private static String empty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
