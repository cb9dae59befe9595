package io.sriov.node.host;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.linux.netlink.VlanProtocol;
import io.sriov.plan.node.VfSetting;
import java.util.Locale;

/** Changes of a VF that is free, on its PF and on its netdev. */
final class VfChanges {

  private VfChanges() {}

  static void set(RouteSocket route, Link pf, int vf, VfSetting setting) throws LinuxException {
    route.setVf(pf, vf, change(setting));
  }

  private static VfChange change(VfSetting setting) {
    return switch (setting) {
      case VfSetting.Vlan(int id, int qos) -> new VfChange.Vlan(id, qos, VlanProtocol.DOT1Q);
      case VfSetting.SpoofCheck(boolean on) -> new VfChange.SpoofChk(on);
      case VfSetting.Trust(boolean on) -> new VfChange.Trust(on);
      case VfSetting.LinkState(String state) ->
          new VfChange.LinkState(VfLinkState.valueOf(state.toUpperCase(Locale.ROOT)));
      case VfSetting.Rate(int min, int max) -> new VfChange.Rate(min, max);
    };
  }

  /**
   * Some drivers take the address that the PF enforces only when the link goes up, and refuse to be
   * given it; others want to be given it.
   */
  static void setMac(RouteSocket route, Link vf, HardwareAddress address) throws LinuxException {
    route.change(vf, LinkChange.none().up(!vf.isUp()));
    route.change(vf, LinkChange.none().up(vf.isUp()));
    if (!route.link(vf.index()).mac().equals(address)) {
      route.change(vf, LinkChange.none().address(address));
    }
    HardwareAddress now = route.link(vf.index()).mac();
    if (!now.equals(address)) {
      throw new LinuxException(
          Errno.EADDRNOTAVAIL, "set MAC address " + address + " of " + vf.name(), "it has " + now);
    }
  }

  /** Kernels before 6.2 rename no link that is up. */
  static void rename(RouteSocket route, Link vf, String name) throws LinuxException {
    if (vf.isUp()) {
      route.change(vf, LinkChange.none().up(false));
    }
    try {
      route.rename(vf, name);
    } finally {
      if (vf.isUp()) {
        route.change(vf, LinkChange.none().up(true));
      }
    }
  }
}
