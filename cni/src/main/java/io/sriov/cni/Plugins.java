package io.sriov.cni;

import io.sriov.cni.ib.IbSriovPlugin;
import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.plugin.Plugin;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.rdma.RdmaPlugin;
import io.sriov.cni.sriov.SriovPlugin;
import java.util.Map;
import java.util.TreeMap;

/**
 * The plugins behind the forwarder.
 *
 * @param byName by the names of their executables
 */
record Plugins(Map<String, Plugin> byName) {

  /** What the forwarder adds to the variables of a call: the name it was started under. */
  static final String STARTED_AS = "SRIOV_CNI_NAME";

  /** The plugins on a host. */
  static Plugins on(CniSettings settings) {
    CniSettings.InfiniBand infiniBand = settings.infiniBand();
    return new Plugins(
        Map.of(
            SriovPlugin.NAME,
            SriovPlugin.on(
                settings.netns(),
                settings.sysfs(),
                settings.hardware(),
                settings.stateFolder(),
                settings.lockTimeout(),
                settings.settleTimeout()),
            IbSriovPlugin.NAME,
            IbSriovPlugin.on(
                settings.netns(),
                settings.sysfs(),
                settings.hardware(),
                infiniBand.hardware(),
                infiniBand.rdma(),
                infiniBand.stateFolder(),
                infiniBand.lockFolder(),
                settings.lockTimeout(),
                settings.settleTimeout(),
                infiniBand.bindTimeout()),
            RdmaPlugin.NAME,
            new RdmaPlugin(
                settings.netns(),
                settings.sysfs(),
                settings.hardware(),
                infiniBand.rdma(),
                infiniBand.rdmaStateFolder(),
                infiniBand.rdmaLockFolder(),
                settings.lockTimeout())));
  }

  /** A plugin with its name. */
  record Named(String name, Plugin plugin) {}

  /**
   * Whose call it is: the plugin whose name the forwarder was started under; where that is none's,
   * or not told, as by a forwarder of an earlier version, that of the configuration's {@code type}.
   *
   * @throws CniException code 7 if neither names a plugin
   */
  Named of(Map<String, String> variables, Json config) throws CniException {
    String startedAs = variables.getOrDefault(STARTED_AS, "");
    String type = "";
    try {
      type = Fields.of(config).text("type");
    } catch (JsonException _) {
      // Of another JSON type: the plugin itself says so.
    }
    for (String name : new String[] {startedAs, type}) {
      Plugin plugin = byName.get(name);
      if (plugin != null) {
        return new Named(name, plugin);
      }
    }
    throw new CniException(
        CniException.INVALID_CONFIG,
        "the executable is called \"%s\" and the network has type \"%s\": neither is one of %s"
            .formatted(startedAs, type, new TreeMap<>(byName).keySet()));
  }
}
