package io.sriov.cni.sriov;

import io.sriov.cni.plugin.FoundNetdev;
import io.sriov.cni.plugin.Journal;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VlanProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What must change so that a VF is again as it was found. */
final class Restoration {

  private Restoration() {}

  /**
   * Settings of the PF, in the order of spec 04 §4.1: those that the configuration asked for, and
   * always the address, which a pod may have changed. What already is as it was is left out.
   */
  static List<VfChange> settings(NetConf conf, FoundVf found, VfInfo now) {
    List<VfChange> wanted = new ArrayList<>();
    if (conf.asksForVlan()) {
      wanted.add(
          new VfChange.Vlan(found.vlan(), found.vlanQos(), VlanProtocol.of(found.vlanProto())));
    }
    if (!conf.spoofChk().isEmpty()) {
      wanted.add(new VfChange.SpoofChk(found.spoofChk()));
    }
    found.adminMac().map(VfChange.Mac::new).ifPresent(wanted::add);
    if (!conf.trust().isEmpty()) {
      wanted.add(new VfChange.Trust(found.trust()));
    }
    if (conf.asksForRate()) {
      wanted.add(new VfChange.Rate(found.minTxRate(), found.maxTxRate()));
    }
    if (!conf.linkState().isEmpty()) {
      wanted.add(new VfChange.LinkState(found.linkState()));
    }
    // What a driver says of an address just changed may be old.
    boolean addressInDoubt = !conf.mac().isEmpty();
    wanted.removeIf(
        change -> holds(change, now) && !(addressInDoubt && change instanceof VfChange.Mac));
    return List.copyOf(wanted);
  }

  /** Whether the driver reports that a setting is as {@code change} would make it. */
  static boolean holds(VfChange change, VfInfo now) {
    return switch (change) {
      case VfChange.Vlan(int id, int qos, VlanProtocol protocol) ->
          now.vlan() == id
              && now.qos() == qos
              && now.vlanProto().orElse(VlanProtocol.DOT1Q) == protocol;
      case VfChange.Mac(HardwareAddress address) -> now.mac().equals(address);
      case VfChange.Rate(int min, int max) -> now.minTxRate() == min && now.maxTxRate() == max;
      case VfChange.SpoofChk(boolean on) -> now.spoofChk().equals(Optional.of(on));
      case VfChange.Trust(boolean on) -> now.trust().equals(Optional.of(on));
      case VfChange.LinkState(var state) -> now.linkState() == state;
      case VfChange.RssQuery(boolean on) -> now.rssQuery().equals(Optional.of(on));
      case VfChange.NodeGuid _, VfChange.PortGuid _ -> false;
    };
  }

  /**
   * The netdev on the host.
   *
   * @param own what only our state files tell; without it the netdev ends down, as ever
   */
  static FoundNetdev netdev(FoundVf found, Optional<Journal> own) {
    return new FoundNetdev(
        found.hostName(),
        found.effectiveMac(),
        found.mtu(),
        own.map(Journal::droppedAltNames).orElse(List.of()),
        own.map(Journal::wasUp).orElse(false));
  }
}
