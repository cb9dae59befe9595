package io.sriov.cni.protocol;

import io.sriov.cni.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What ADD prints: one interface with its addresses (spec 04 §1.6).
 *
 * @param sandbox {@code CNI_NETNS} as given
 * @param mac left out if empty
 * @param mtu bytes, left out if 0
 */
public record AddResult(String ifname, String sandbox, String mac, int mtu, IpamResult ipam) {

  /**
   * Whether a result of this version can do without an address: before 0.3.0 there is nothing else
   * in it.
   */
  public static boolean needsAddress(String cniVersion) throws CniException {
    return CniVersion.compare(cniVersion, "0.3.0") < 0;
  }

  /** The document in the shape of a configuration's version. */
  public Json json(String cniVersion) throws CniException {
    if (needsAddress(cniVersion)) {
      return oldest(cniVersion);
    }
    return CniVersion.compare(cniVersion, "1.0.0") < 0 ? middle(cniVersion) : newest(cniVersion);
  }

  private Json oldest(String version) {
    List<Json.Member> members = new ArrayList<>();
    members.add(new Json.Member("cniVersion", Json.of(version)));
    for (boolean v6 : new boolean[] {false, true}) {
      Optional<IpamResult.Ip> first =
          ipam.ips().stream().filter(ip -> ip.address().isV6() == v6).findFirst();
      if (first.isPresent()) {
        List<Json.Member> ip = new ArrayList<>();
        ip.add(new Json.Member("ip", Json.of(first.get().address().text())));
        addGateway(ip, first.get().gateway(), "gateway");
        List<Json> routes = new ArrayList<>();
        for (IpamResult.Route route : ipam.routes()) {
          if (route.destination().isV6() == v6) {
            List<Json.Member> one = new ArrayList<>();
            one.add(new Json.Member("dst", Json.of(route.destination().text())));
            addGateway(one, route.gateway(), "gw");
            routes.add(new Json.Obj(one));
          }
        }
        addItems(ip, "routes", routes);
        members.add(new Json.Member(v6 ? "ip6" : "ip4", new Json.Obj(ip)));
      }
    }
    members.add(new Json.Member("dns", ipam.dns().json()));
    return new Json.Obj(members);
  }

  private Json middle(String version) {
    List<Json.Member> attachment = new ArrayList<>();
    attachment.add(new Json.Member("name", Json.of(ifname)));
    addText(attachment, "mac", mac);
    attachment.add(new Json.Member("sandbox", Json.of(sandbox)));
    List<Json> ips = new ArrayList<>();
    for (IpamResult.Ip ip : ipam.ips()) {
      List<Json.Member> one = new ArrayList<>();
      one.add(new Json.Member("version", Json.of(ip.address().isV6() ? "6" : "4")));
      one.add(new Json.Member("interface", Json.of(0)));
      one.add(new Json.Member("address", Json.of(ip.address().text())));
      addGateway(one, ip.gateway(), "gateway");
      ips.add(new Json.Obj(one));
    }
    List<Json.Member> members = new ArrayList<>();
    members.add(new Json.Member("cniVersion", Json.of(version)));
    members.add(new Json.Member("interfaces", new Json.Arr(List.of(new Json.Obj(attachment)))));
    addItems(members, "ips", ips);
    addItems(members, "routes", routes());
    members.add(new Json.Member("dns", ipam.dns().json()));
    return new Json.Obj(members);
  }

  private Json newest(String version) {
    List<Json.Member> attachment = new ArrayList<>();
    addText(attachment, "mac", mac);
    if (mtu != 0) {
      attachment.add(new Json.Member("mtu", Json.of(mtu)));
    }
    attachment.add(new Json.Member("name", Json.of(ifname)));
    attachment.add(new Json.Member("sandbox", Json.of(sandbox)));
    List<Json> ips = new ArrayList<>();
    for (IpamResult.Ip ip : ipam.ips()) {
      List<Json.Member> one = new ArrayList<>();
      one.add(new Json.Member("address", Json.of(ip.address().text())));
      addGateway(one, ip.gateway(), "gateway");
      one.add(new Json.Member("interface", Json.of(0)));
      ips.add(new Json.Obj(one));
    }
    List<Json.Member> members = new ArrayList<>();
    members.add(new Json.Member("cniVersion", Json.of(version)));
    if (!ipam.dns().isEmpty()) {
      members.add(new Json.Member("dns", ipam.dns().json()));
    }
    members.add(new Json.Member("interfaces", new Json.Arr(List.of(new Json.Obj(attachment)))));
    addItems(members, "ips", ips);
    addItems(members, "routes", routes());
    return new Json.Obj(members);
  }

  private List<Json> routes() {
    List<Json> routes = new ArrayList<>();
    for (IpamResult.Route route : ipam.routes()) {
      List<Json.Member> one = new ArrayList<>();
      one.add(new Json.Member("dst", Json.of(route.destination().text())));
      addGateway(one, route.gateway(), "gw");
      addNumber(one, "mtu", route.mtu());
      addNumber(one, "advmss", route.advmss());
      addNumber(one, "priority", route.priority());
      route.table().ifPresent(table -> one.add(new Json.Member("table", Json.of(table))));
      route.scope().ifPresent(scope -> one.add(new Json.Member("scope", Json.of(scope))));
      routes.add(new Json.Obj(one));
    }
    return routes;
  }

  private static void addText(List<Json.Member> members, String key, String value) {
    if (!value.isEmpty()) {
      members.add(new Json.Member(key, Json.of(value)));
    }
  }

  private static void addNumber(List<Json.Member> members, String key, long value) {
    if (value != 0) {
      members.add(new Json.Member(key, Json.of(value)));
    }
  }

  private static void addItems(List<Json.Member> members, String key, List<Json> items) {
    if (!items.isEmpty()) {
      members.add(new Json.Member(key, new Json.Arr(items)));
    }
  }

  private static void addGateway(
      List<Json.Member> members, Optional<IpAddress> gateway, String key) {
    gateway.ifPresent(address -> members.add(new Json.Member(key, Json.of(address.text()))));
  }
}
