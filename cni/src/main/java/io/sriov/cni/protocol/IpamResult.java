package io.sriov.cni.protocol;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Addresses, routes and name servers that an IPAM plugin gave, whatever its result's version. */
public record IpamResult(List<Ip> ips, List<Route> routes, Dns dns) {

  public static final IpamResult NONE = new IpamResult(List.of(), List.of(), Dns.NONE);

  /** One address of the interface. */
  public record Ip(IpAddress.Prefix address, Optional<IpAddress> gateway) {}

  /**
   * A route by the interface.
   *
   * @param mtu bytes; reported, not set
   * @param advmss bytes; reported, not set
   * @param priority metric
   * @param table routing table, empty for main
   * @param scope {@code RT_SCOPE_*}, empty for global
   */
  public record Route(
      IpAddress.Prefix destination,
      Optional<IpAddress> gateway,
      long mtu,
      long advmss,
      long priority,
      Optional<Long> table,
      Optional<Long> scope) {}

  /**
   * Reads what the plugin printed.
   *
   * @param configVersion assumed where the result names no version
   */
  public static IpamResult parse(Json json, String configVersion)
      throws JsonException, CniException {
    Fields result = Fields.of(json);
    String own = result.text("cniVersion");
    String version = own.isEmpty() ? configVersion : own;
    if (!CniVersion.SUPPORTED.contains(version)) {
      throw new JsonException("cniVersion " + version + " of the result is not supported");
    }
    Dns dns = Dns.of(result.object("dns"));
    List<Ip> ips = new ArrayList<>();
    List<Route> routes = new ArrayList<>();
    if (CniVersion.compare(version, "0.3.0") < 0) {
      for (String family : List.of("ip4", "ip6")) {
        if (result.has(family) && !result.any(family).orElse(Json.NULL).equals(Json.NULL)) {
          Fields ip = result.object(family);
          ips.add(ip(ip, "ip"));
          routes.addAll(routes(ip));
        }
      }
    } else {
      for (Json item : result.array("ips")) {
        ips.add(ip(Fields.of(item), "address"));
      }
      routes.addAll(routes(result));
    }
    return new IpamResult(List.copyOf(ips), List.copyOf(routes), dns);
  }

  private static Ip ip(Fields fields, String addressField) throws JsonException {
    return new Ip(
        IpAddress.Prefix.parse(addressField, fields.text(addressField)),
        address(fields, "gateway"));
  }

  private static List<Route> routes(Fields fields) throws JsonException {
    List<Route> routes = new ArrayList<>();
    for (Json item : fields.array("routes")) {
      Fields route = Fields.of(item);
      routes.add(
          new Route(
              IpAddress.Prefix.parse("dst", route.text("dst")),
              address(route, "gw"),
              route.optionalInteger("mtu").orElse(0L),
              route.optionalInteger("advmss").orElse(0L),
              route.optionalInteger("priority").orElse(0L),
              route.optionalInteger("table"),
              route.optionalInteger("scope")));
    }
    return routes;
  }

  private static Optional<IpAddress> address(Fields fields, String field) throws JsonException {
    String text = fields.text(field);
    return text.isEmpty() ? Optional.empty() : Optional.of(IpAddress.parse(field, text));
  }
}
