package io.sriov.cni.sriov;

import io.sriov.cni.plugin.Addresses;
import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.Retry;
import io.sriov.cni.plugin.Vf;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import java.io.IOException;

/** Makes the steps of an ADD, one after the other. */
final class Steps {

  private final Call call;
  private final Host host;
  private final PfPort pf;
  private final Vf vf;
  private final RouteSocket links;
  private final Pod pod;
  private int index;
  private boolean configured;

  Steps(Call call, PfPort pf, Vf vf, Pod pod) {
    this.call = call;
    this.host = call.host();
    this.pf = pf;
    this.vf = vf;
    this.links = call.links();
    this.pod = pod;
  }

  /** Number of the netdev in the pod; 0 before it is there, and for a VF without. */
  int index() {
    return index;
  }

  void make(Step step) throws CniException, IOException {
    call.caller().requirePresent();
    configured |= step instanceof Step.Configure;
    try {
      switch (step) {
        case Step.Configure(VfChange.Mac change, VfChange _) -> setAdminMac(change);
        case Step.Configure(VfChange change, VfChange _) -> pf.set(vf.number(), change);
        case Step.DropAltName(String altName) ->
            links.removeAltName(links.link(vf.netdev(host.bus()).orElse("")), altName);
        case Step.Enter(Link netdev, String podName) -> enter(netdev, podName);
        case Step.Notify(String podName) ->
            pod.trySettings(Addresses.notifySettings(podName), call.log());
        case Step.SetAddress(HardwareAddress address) -> setAddress(address);
        case Step.BringUp _ -> pod.links().change(index, LinkChange.none().up(true));
      }
    } catch (LinuxException e) {
      throw CniException.internal(doing(step), e);
    }
  }

  /** Some drivers take an address in their own time: read back until it is there. */
  private void setAdminMac(VfChange.Mac change) throws CniException, LinuxException {
    boolean set =
        Retry.within(
            host.settleTimeout(),
            () -> {
              pf.set(vf.number(), change);
              return pf.vf(vf.number()).filter(now -> Restoration.holds(change, now)).isPresent();
            });
    if (!set) {
      throw CniException.internal(
          "VF "
              + vf.number()
              + " of PF "
              + vf.pf()
              + ": its hardware address still differs from "
              + change.address());
    }
  }

  /**
   * After settings the link is looked up again, for they may make a driver reset the VF. Otherwise
   * not: every question waits for the kernel's one lock of all network devices, behind the moves of
   * other VFs.
   */
  private void enter(Link netdev, String podName) throws LinuxException {
    Link link = configured ? links.link(netdev.name()) : netdev;
    if (link.isUp() && pod.netns().sameAs(host.netns())) {
      // Nothing is moved, so nothing takes it down for the new name.
      links.change(link, LinkChange.none().up(false));
    }
    LinkChange move = LinkChange.none().moveTo(pod.netns()).name(podName);
    host.moves().make(() -> links.change(link, move));
    index = pod.links().link(podName).index();
  }

  private void setAddress(HardwareAddress address) throws CniException, LinuxException {
    boolean set =
        Retry.within(
            host.settleTimeout(),
            () -> {
              Link link = pod.links().link(index);
              pod.links().change(link, LinkChange.none().address(address));
              return pod.links().link(index).mac().equals(address);
            });
    if (!set) {
      throw CniException.internal(
          "the effective address of VF " + vf.address() + " still differs from " + address);
    }
  }

  private String doing(Step step) {
    return switch (step) {
      case Step.Configure(VfChange change, VfChange _) ->
          "PF " + vf.pf() + " refuses " + key(change) + " of VF " + vf.number();
      case Step.DropAltName(String altName) ->
          "cannot take the alternative name " + altName + " from VF " + vf.address();
      case Step.Enter(Link netdev, String podName) ->
          "cannot move " + netdev.name() + " into the pod as " + podName;
      case Step.Notify(String podName) -> "cannot make settings of " + podName;
      case Step.SetAddress(HardwareAddress address) ->
          "cannot set address " + address + " of VF " + vf.address();
      case Step.BringUp(String podName) -> "cannot bring up " + podName + " in the pod";
    };
  }

  /**
   * The configuration key behind a change: what a user must leave out if the driver cannot do it.
   */
  static String key(VfChange change) {
    return switch (change) {
      case VfChange.Vlan _ -> "vlan, vlanQoS, vlanProto";
      case VfChange.Mac _ -> "mac";
      case VfChange.Rate(int min, int _) when min != 0 -> "min_tx_rate, max_tx_rate";
      case VfChange.Rate _ -> "max_tx_rate";
      case VfChange.SpoofChk _ -> "spoofchk";
      case VfChange.Trust _ -> "trust";
      case VfChange.LinkState _ -> "link_state";
      case VfChange.RssQuery _, VfChange.NodeGuid _, VfChange.PortGuid _ -> change.toString();
    };
  }
}
