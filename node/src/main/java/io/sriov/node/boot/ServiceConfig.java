package io.sriov.node.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sriov.api.Bridges;
import io.sriov.api.NodeSystem;
import io.sriov.api.OvsBridge;
import io.sriov.api.OvsInterface;
import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the boot services are told: {@code sriov-interface-config.yaml}. Upstream's types have no
 * names for YAML, so nested keys are lower case (spec 03 §5.5.2).
 *
 * @param unsupportedNics whether cards of unlisted models are configured too
 */
public record ServiceConfig(
    SriovNetworkNodeStateSpec spec, boolean unsupportedNics, String platformType) {

  static final String BAREMETAL = "Baremetal";

  /** What holds without a file. */
  static final ServiceConfig DEFAULT =
      new ServiceConfig(SriovNetworkNodeStateSpec.EMPTY, false, BAREMETAL);

  private static final String OVSDB_SOCKET = "unix:///var/run/openvswitch/db.sock";

  private static final YAMLMapper YAML = new YAMLMapper();

  String toYaml() {
    var document = new LinkedHashMap<String, @Nullable Object>();
    document.put("spec", specOf(spec));
    document.put("unsupportedNics", unsupportedNics);
    document.put("platformType", platformType);
    document.put("manageSoftwareBridges", false);
    document.put("ovsdbSocketPath", OVSDB_SOCKET);
    return GoYaml.write(document);
  }

  private static Map<String, @Nullable Object> specOf(SriovNetworkNodeStateSpec spec) {
    List<Bridges.Ovs> bridges = spec.bridges() == null ? List.of() : spec.bridges().ovs();
    RdmaMode mode = spec.system() == null ? null : spec.system().rdmaMode();
    var keys = new LinkedHashMap<String, @Nullable Object>();
    keys.put("interfaces", spec.interfaces().stream().map(ServiceConfig::interfaceOf).toList());
    keys.put("bridges", Map.of("ovs", bridges.stream().map(ServiceConfig::bridgeOf).toList()));
    keys.put("system", Map.of("rdmamode", mode == null ? "" : mode.value()));
    return keys;
  }

  private static Map<String, @Nullable Object> interfaceOf(Interface pf) {
    var keys = new LinkedHashMap<String, @Nullable Object>();
    keys.put("pciaddress", pf.pciAddress());
    keys.put("numvfs", pf.numVfs());
    keys.put("mtu", pf.mtu());
    keys.put("name", orEmpty(pf.name()));
    keys.put("linktype", orEmpty(pf.linkType()));
    keys.put("eswitchmode", orEmpty(pf.eSwitchMode()));
    keys.put("vfgroups", pf.vfGroups().stream().map(ServiceConfig::groupOf).toList());
    keys.put("externallymanaged", pf.externallyManaged());
    return keys;
  }

  private static Map<String, @Nullable Object> groupOf(VfGroup group) {
    var keys = new LinkedHashMap<String, @Nullable Object>();
    keys.put("resourcename", orEmpty(group.resourceName()));
    keys.put("devicetype", orEmpty(group.deviceType()));
    keys.put("vfrange", orEmpty(group.vfRange()));
    keys.put("policyname", orEmpty(group.policyName()));
    keys.put("mtu", group.mtu());
    keys.put("isrdma", group.isRdma());
    keys.put("vdpatype", orEmpty(group.vdpaType()));
    return keys;
  }

  private static Map<String, @Nullable Object> bridgeOf(Bridges.Ovs ovs) {
    OvsBridge bridge =
        ovs.bridge() == null ? new OvsBridge(null, Map.of(), Map.of(), null) : ovs.bridge();
    var columns = new LinkedHashMap<String, @Nullable Object>();
    columns.put("datapathtype", orEmpty(bridge.datapathType()));
    columns.put("externalids", new TreeMap<>(bridge.externalIDs()));
    columns.put("otherconfig", new TreeMap<>(bridge.otherConfig()));
    columns.put("failmode", bridge.failMode() == null ? "" : bridge.failMode().value());
    var keys = new LinkedHashMap<String, @Nullable Object>();
    keys.put("name", ovs.name());
    keys.put("bridge", columns);
    keys.put("uplinks", ovs.uplinks().stream().map(ServiceConfig::uplinkOf).toList());
    return keys;
  }

  private static Map<String, @Nullable Object> uplinkOf(Bridges.Uplink uplink) {
    OvsInterface iface =
        uplink.iface() == null
            ? new OvsInterface(null, Map.of(), Map.of(), Map.of(), null)
            : uplink.iface();
    var columns = new LinkedHashMap<String, @Nullable Object>();
    columns.put("type", orEmpty(iface.type()));
    columns.put("options", new TreeMap<>(iface.options()));
    columns.put("externalids", new TreeMap<>(iface.externalIDs()));
    columns.put("otherconfig", new TreeMap<>(iface.otherConfig()));
    columns.put("mturequest", iface.mtuRequest());
    var keys = new LinkedHashMap<String, @Nullable Object>();
    keys.put("pciaddress", uplink.pciAddress());
    keys.put("name", orEmpty(uplink.name()));
    keys.put("interface", columns);
    return keys;
  }

  /**
   * Reads what {@link #toYaml} or the Go daemon wrote; an empty file is none. Keys that are not
   * known, among them nested ones in camel case, are ignored.
   */
  static ServiceConfig parse(String yaml) throws IOException {
    if (yaml.isBlank()) {
      return DEFAULT;
    }
    JsonNode document;
    try {
      document = YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new IOException("not YAML: " + e.getOriginalMessage(), e);
    }
    if (document == null || document.isMissingNode() || document.isNull()) {
      return DEFAULT;
    }
    if (!document.isObject()) {
      throw new IOException("not a YAML map");
    }
    JsonNode spec = document.path("spec");
    var interfaces = new ArrayList<Interface>();
    for (JsonNode pf : spec.path("interfaces")) {
      interfaces.add(parsedInterface(pf));
    }
    var bridges = new ArrayList<Bridges.Ovs>();
    for (JsonNode ovs : spec.path("bridges").path("ovs")) {
      // Bridges are not configured; that they are wanted is to be told.
      bridges.add(new Bridges.Ovs(ovs.path("name").asText(), null, List.of()));
    }
    String platform = document.path("platformType").asText();
    return new ServiceConfig(
        new SriovNetworkNodeStateSpec(
            interfaces,
            bridges.isEmpty() ? null : new Bridges(bridges),
            new NodeSystem(rdmaMode(spec.path("system").path("rdmamode").asText()))),
        document.path("unsupportedNics").asBoolean(),
        platform.isEmpty() ? BAREMETAL : platform);
  }

  private static Interface parsedInterface(JsonNode pf) {
    var groups = new ArrayList<VfGroup>();
    for (JsonNode group : pf.path("vfgroups")) {
      groups.add(
          new VfGroup(
              group.path("resourcename").asText(),
              group.path("devicetype").asText(),
              group.path("vfrange").asText(),
              group.path("policyname").asText(),
              group.path("mtu").asInt(),
              group.path("isrdma").asBoolean(),
              group.path("vdpatype").asText()));
    }
    return new Interface(
        pf.path("pciaddress").asText(),
        pf.path("numvfs").asInt(),
        pf.path("mtu").asInt(),
        pf.path("name").asText(),
        pf.path("linktype").asText(),
        pf.path("eswitchmode").asText(),
        pf.path("externallymanaged").asBoolean(),
        groups);
  }

  private static @Nullable RdmaMode rdmaMode(String text) throws IOException {
    if (text.isEmpty()) {
      return null;
    }
    for (RdmaMode mode : RdmaMode.values()) {
      if (mode.value().equals(text)) {
        return mode;
      }
    }
    throw new IOException("spec.system.rdmamode: \"" + text + "\" is not one of shared, exclusive");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
