package io.sriov.deviceplugin.config;

import static io.sriov.deviceplugin.config.DeviceKind.ACCELERATOR;
import static io.sriov.deviceplugin.config.DeviceKind.AUX_NET_DEVICE;
import static io.sriov.deviceplugin.config.DeviceKind.NET_DEVICE;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From the text of the configuration file to pools (spec 05 §2). */
public final class ConfigDecoder {

  private final String defaultPrefix;

  /**
   * @param defaultPrefix for pools without a {@code resourcePrefix}, e.g. {@code openshift.io}
   */
  public ConfigDecoder(String defaultPrefix) {
    this.defaultPrefix = defaultPrefix;
  }

  /** Prefix of pools that name none. */
  public String defaultPrefix() {
    return defaultPrefix;
  }

  /**
   * Decodes and validates.
   *
   * @throws ConfigException when the file is not JSON of this shape, or a pool breaks a rule
   */
  public PluginConfig decode(String text) throws ConfigException {
    var root = Json.parse(text);
    if (root instanceof Json.Null) {
      return new PluginConfig(List.of(), List.of());
    }
    var pools = new ArrayList<PoolConfig>();
    var warnings = new ArrayList<String>();
    var entries = GoObject.of("", root).list("resourceList");
    for (int i = 0; i < entries.size(); i++) {
      pool("resourceList[%d]".formatted(i), entries.get(i), warnings).ifPresent(pools::add);
    }
    if (pools.isEmpty() && !warnings.isEmpty()) {
      // A mistake, not a wish for no pools.
      throw ConfigException.malformed("no pool is usable: " + String.join("; ", warnings));
    }
    PoolRules.check(pools);
    for (var pool : pools) {
      if (pool.selectors().stream().anyMatch(selector -> selector.linkTypes().size() > 1)) {
        warnings.add(
            "pool %s: a selector names several linkTypes; containers may get either"
                .formatted(pool.resource()));
      }
    }
    return new PluginConfig(pools, warnings);
  }

  private Optional<PoolConfig> pool(String where, Json entry, List<String> warnings)
      throws ConfigException {
    if (entry instanceof Json.Null) {
      warnings.add(where + " is null: pool dropped");
      return Optional.empty();
    }
    var object = GoObject.of(where, entry);
    var name = object.text("resourceName");
    var ownPrefix = object.text("resourcePrefix");
    var type = object.text("deviceType");
    var kind =
        DeviceKind.of(type)
            .orElseThrow(() ->
                ConfigException.malformed(
                    "%s.deviceType \"%s\" is not one of netDevice, accelerator, auxNetDevice"
                        .formatted(where, type)));
    boolean excludeTopology = object.bool("excludeTopology");
    var additionalInfo = object.textMaps("additionalInfo");
    List<Selector> selectors;
    try {
      selectors = selectors(where + ".selectors", object.raw("selectors"), kind);
    } catch (ConfigException e) {
      warnings.add("pool \"%s\" dropped: %s".formatted(name, e.getMessage()));
      return Optional.empty();
    }
    return Optional.of(
        new PoolConfig(
            ownPrefix.isEmpty() ? defaultPrefix : ownPrefix,
            name,
            kind,
            selectors,
            excludeTopology,
            additionalInfo));
  }

  private static List<Selector> selectors(String where, Optional<Json> value, DeviceKind kind)
      throws ConfigException {
    if (value.isEmpty() || value.get() instanceof Json.Null) {
      throw ConfigException.malformed(
          where + " is missing; {} selects every device of the pool's type");
    }
    if (!(value.get() instanceof Json.Array(var items))) {
      return List.of(selector(GoObject.of(where, value.get()), kind));
    }
    if (items.isEmpty()) {
      throw ConfigException.malformed(where + " is an empty list");
    }
    var selectors = new ArrayList<Selector>();
    for (int i = 0; i < items.size(); i++) {
      selectors.add(selector(GoObject.of("%s[%d]".formatted(where, i), items.get(i)), kind));
    }
    return selectors;
  }

  private static Selector selector(GoObject object, DeviceKind kind) throws ConfigException {
    var of = new KeysOf(object, kind);
    return new Selector(
        of.texts("vendors", EnumSet.allOf(DeviceKind.class)),
        of.texts("devices", EnumSet.allOf(DeviceKind.class)),
        of.texts("drivers", EnumSet.allOf(DeviceKind.class)),
        of.texts("pciAddresses", EnumSet.of(NET_DEVICE, ACCELERATOR)),
        of.texts("acpiIndexes", EnumSet.of(NET_DEVICE)),
        of.texts("auxTypes", EnumSet.of(AUX_NET_DEVICE)),
        of.texts("pfNames", EnumSet.of(NET_DEVICE, AUX_NET_DEVICE)),
        of.texts("rootDevices", EnumSet.of(NET_DEVICE, AUX_NET_DEVICE)),
        of.texts("linkTypes", EnumSet.of(NET_DEVICE, AUX_NET_DEVICE)),
        of.texts("ddpProfiles", EnumSet.of(NET_DEVICE)),
        of.texts("pKeys", EnumSet.of(NET_DEVICE)),
        kind != ACCELERATOR && object.bool("isRdma"),
        kind != ACCELERATOR && object.bool("needVhostNet"),
        kind == NET_DEVICE ? object.text("vdpaType") : "");
  }

  /** A key that a kind does not know is ignored whatever its type. */
  private record KeysOf(GoObject object, DeviceKind kind) {
    List<String> texts(String key, Set<DeviceKind> kinds) throws ConfigException {
      return kinds.contains(kind) ? object.texts(key) : List.of();
    }
  }
}
