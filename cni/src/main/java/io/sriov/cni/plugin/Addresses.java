package io.sriov.cni.plugin;

import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.IpAddress;
import io.sriov.cni.protocol.IpamResult;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkAddress;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.OperState;
import io.sriov.linux.netlink.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts addresses and routes on the interface in the pod (spec 04 §1.11). */
public final class Addresses {

  /** Duplicate address detection takes about one and a half seconds. */
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(5);

  private static final Duration SETTLE_PAUSE = Duration.ofMillis(50);

  private Addresses() {}

  /**
   * Routes by the interface: by their own gateway, else by that of the first address of the family.
   */
  public static List<Route> routes(IpamResult ipam, int link) {
    List<Route> routes = new ArrayList<>();
    for (IpamResult.Route wanted : ipam.routes()) {
      Optional<IpAddress> gateway =
          wanted.gateway().or(() -> gateway(ipam, wanted.destination().isV6()));
      Route route =
          Route.to(wanted.destination().address().value(), wanted.destination().length(), link)
              .withPriority((int) wanted.priority())
              .withTable(wanted.table().orElse((long) Route.MAIN_TABLE).intValue())
              .withScope(wanted.scope().orElse(0L).intValue());
      routes.add(gateway.map(hop -> route.via(hop.value())).orElse(route));
    }
    return routes;
  }

  private static Optional<IpAddress> gateway(IpamResult ipam, boolean v6) {
    return ipam.ips().stream()
        .flatMap(ip -> ip.gateway().stream())
        .filter(address -> address.isV6() == v6)
        .findFirst();
  }

  public static void apply(Pod pod, Link link, IpamResult ipam)
      throws CniException, LinuxException {
    if (ipam.ips().stream().anyMatch(ip -> ip.address().isV6())) {
      allowIpv6(pod, link.name());
    }
    for (IpamResult.Ip ip : ipam.ips()) {
      pod.links()
          .add(LinkAddress.of(link.index(), ip.address().address().value(), ip.address().length()));
    }
    pod.links().change(link, LinkChange.none().up(true));
    if (gateway(ipam, true).isPresent()) {
      awaitSettled(pod, link);
    }
    for (Route route : routes(ipam, link.index())) {
      pod.links().add(route);
    }
  }

  private static void allowIpv6(Pod pod, String ifname) throws LinuxException {
    for (String name : List.of("lo", ifname)) {
      String setting = "ipv6/conf/" + name + "/disable_ipv6";
      Optional<String> disabled = pod.setting(setting);
      if (disabled.isPresent() && !disabled.get().equals("0")) {
        pod.set(setting, "0");
      }
    }
    pod.set("ipv6/conf/" + ifname + "/keep_addr_on_down", "1");
  }

  /** Routes by an IPv6 gateway need an address that is no longer tentative. */
  private static void awaitSettled(Pod pod, Link link) throws CniException, LinuxException {
    boolean settled =
        Retry.within(
            SETTLE_LIMIT,
            SETTLE_PAUSE,
            () -> pod.links().addresses(link.index()).stream().noneMatch(Addresses::isPending));
    for (LinkAddress address : pod.links().addresses(link.index())) {
      if (address.isDuplicate()) {
        throw CniException.internal(
            "address " + address + " of " + link.name() + " is used by another node already");
      }
    }
    if (!settled && pod.links().link(link.index()).operState() == OperState.UP) {
      throw CniException.internal(
          "duplicate address detection on " + link.name() + " did not end in " + SETTLE_LIMIT);
    }
  }

  private static boolean isPending(LinkAddress address) {
    return address.isTentative();
  }

  /** Settings that make the kernel announce addresses by itself. */
  public static Map<String, String> notifySettings(String ifname) {
    return Map.of(
        "ipv4/conf/" + ifname + "/arp_notify", "1",
        "ipv6/conf/" + ifname + "/ndisc_notify", "1",
        "ipv6/conf/" + ifname + "/optimistic_dad", "1");
  }
}
