package io.sriov.plan.network;

import io.sriov.api.OVSNetworkSpec;
import io.sriov.api.SriovIBNetworkSpec;
import io.sriov.api.SriovNetworkSpec;
import io.sriov.plan.network.Network.Ethernet;
import io.sriov.plan.network.Network.InfiniBand;
import io.sriov.plan.network.Network.OpenVswitch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The CNI configuration of a network, with members in upstream's order (spec 02 §4.2). */
final class PluginConfig {

  private static final String CNI_VERSION = "1.0.0";

  private PluginConfig() {}

  /**
   * One plugin, or a chain when the network has meta plugins; indented.
   *
   * @throws NetworkError naming the field that is not what it should be
   */
  static String of(String name, Network network) throws NetworkError {
    Members config = new Members().text("cniVersion", CNI_VERSION).text("name", name);
    Members plugin = plugin(network);
    String metaPlugins = RawJson.objects("metaPlugins", network.metaPlugins()).orElse("");
    String text =
        metaPlugins.isEmpty()
            ? "{" + config.list() + "," + plugin.list() + "}"
            : config.json("plugins", "[" + plugin.object() + "," + metaPlugins + "]").object();
    return JsonText.indent(text);
  }

  private static Members plugin(Network network) throws NetworkError {
    return switch (network) {
      case Ethernet(SriovNetworkSpec spec) -> ethernet(spec);
      case InfiniBand(SriovIBNetworkSpec spec) -> infiniBand(spec);
      case OpenVswitch(OVSNetworkSpec spec) -> openVswitch(spec);
    };
  }

  private static Members ethernet(SriovNetworkSpec spec) throws NetworkError {
    Members members =
        new Members()
            .text("type", "sriov")
            .number("vlan", spec.vlan())
            .text("spoofchk", spec.spoofChk() == null ? null : spec.spoofChk().value())
            .text("trust", spec.trust() == null ? null : spec.trust().value())
            .number("vlanQoS", spec.vlanQoS())
            .text("vlanProto", spec.vlanProto() == null ? null : spec.vlanProto().value())
            .number("min_tx_rate", spec.minTxRate())
            .number("max_tx_rate", spec.maxTxRate())
            .json("capabilities", RawJson.object("capabilities", spec.capabilities()))
            .text("link_state", spec.linkState() == null ? null : spec.linkState().value())
            .text("logLevel", spec.logLevel() == null ? null : spec.logLevel().value())
            .text("logFile", spec.logFile());
    return withIpam(members, spec.ipam());
  }

  private static Members infiniBand(SriovIBNetworkSpec spec) throws NetworkError {
    Members members =
        new Members()
            .text("type", "ib-sriov")
            .json("capabilities", RawJson.object("capabilities", spec.capabilities()))
            .text("link_state", spec.linkState() == null ? null : spec.linkState().value());
    return withIpam(members, spec.ipam());
  }

  private static Members openVswitch(OVSNetworkSpec spec) throws NetworkError {
    if (spec.mtu() < 0) {
      throw new NetworkError("spec.mtu is %d: it cannot be negative".formatted(spec.mtu()));
    }
    Members members =
        new Members()
            .text("type", "ovs")
            .json("capabilities", RawJson.object("capabilities", spec.capabilities()))
            .text("bridge", spec.bridge())
            .nonZero("vlan", spec.vlan())
            .nonZero("mtu", spec.mtu());
    if (!spec.trunk().isEmpty()) {
      members.json(
          "trunk",
          spec.trunk().stream()
              .map(PluginConfig::trunk)
              .collect(Collectors.joining(",", "[", "]")));
    }
    return withIpam(members.text("interface_type", spec.interfaceType()), spec.ipam());
  }

  private static String trunk(OVSNetworkSpec.Trunk trunk) {
    return new Members()
        .number("minID", trunk.minID())
        .number("maxID", trunk.maxID())
        .number("id", trunk.id())
        .object();
  }

  private static Members withIpam(Members members, @Nullable String ipam) throws NetworkError {
    return members.json("ipam", RawJson.object("ipam", ipam).orElse("{}"));
  }
}
