package io.sriov.node;

import io.sriov.api.Names;
import io.sriov.kube.BindAddress;
import io.sriov.kube.Settings;
import io.sriov.plan.node.Refusal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settings of {@code start} (spec 03 §1.1, §1.2).
 *
 * @param nodeName {@code --node-name} or {@code NODE_NAME}; required
 * @param namespace {@code NAMESPACE}, of NodeStates, configuration and ConfigMaps; required
 * @param kubeconfig {@code --kubeconfig} or {@code KUBECONFIG}; the pod's service account if absent
 * @param devMode {@code DEV_MODE}, exactly {@code TRUE}: list cards of unsupported models too
 * @param checkpointFolder {@code DEST_DIR}, folder of the first discovered state; {@code /host/tmp}
 * @param hostRoot {@code HOST_ROOT}, the host's root folder; {@code /host}
 * @param sysfs {@code SYSFS}; {@code /sys}
 * @param kubeletFolder {@code KUBELET_DIR}; {@code /var/lib/kubelet}
 * @param cniSocket {@code CNI_SOCKET}, served for the CNI forwarder; {@link Names#CNI_SOCKET}
 * @param pluginConfig {@code DEVICE_PLUGIN_CONFIG}, written for the device plugin; {@link
 *     Names#DEVICE_PLUGIN_CONFIG_FILE}
 * @param health {@code --health-probe-bind-address}; off
 * @param metrics {@code --metrics-bind-address}; off
 * @param externalDrainer {@code USE_EXTERNAL_DRAINER}, exactly {@code true}: somebody else than the
 *     operator drains this node
 * @param systemd {@code --use-systemd-service}: services that run at boot configure the node
 * @param openShift whether {@code CLUSTER_TYPE} is {@code openshift}, whose operator ships the
 *     units
 * @param imageFolder {@code IMAGE_FOLDER}, what the boot services' copy is made of; {@code
 *     /opt/sriov}
 * @param refused settings that ask for what this version does not do; reported by every NodeState
 */
record DaemonSettings(
    String nodeName,
    String namespace,
    Optional<Path> kubeconfig,
    boolean devMode,
    Path checkpointFolder,
    Path hostRoot,
    Path sysfs,
    Path kubeletFolder,
    Path cniSocket,
    Path pluginConfig,
    BindAddress health,
    BindAddress metrics,
    boolean externalDrainer,
    boolean systemd,
    boolean openShift,
    Path imageFolder,
    List<Refusal> refused) {

  /** Vendor parts that may be switched off, though none of them exists in this version. */
  private static final List<String> PLUGINS = List.of("mellanox");

  static DaemonSettings of(Settings settings) {
    var refused = new ArrayList<Refusal>();
    boolean systemd = settings.onOff("use-systemd-service");
    if (settings.onOff("manage-software-bridges")) {
      refused.add(new Refusal.NotSupported(null, "featureGate", "manageSoftwareBridges"));
    }
    // PFs are always configured beside each other; the switch is known so that manifests go on.
    boolean unused = settings.onOff("parallel-nic-config");
    requirePlugins(settings);
    Optional<String> clusterType = clusterType(settings);
    var read =
        new DaemonSettings(
            settings.flagOrEnv("node-name", "NODE_NAME").required(),
            settings.env("NAMESPACE").required(),
            settings.flagOrEnv("kubeconfig", "KUBECONFIG").path(),
            settings.env("DEV_MODE").is("TRUE"),
            settings.env("DEST_DIR").path().orElse(Path.of("/host/tmp")),
            settings.env("HOST_ROOT").path().orElse(Path.of("/host")),
            settings.env("SYSFS").path().orElse(Path.of("/sys")),
            settings.env("KUBELET_DIR").path().orElse(Path.of("/var/lib/kubelet")),
            settings.env("CNI_SOCKET").path().orElse(Path.of(Names.CNI_SOCKET)),
            settings
                .env("DEVICE_PLUGIN_CONFIG")
                .path()
                .orElse(Path.of(Names.DEVICE_PLUGIN_CONFIG_FILE)),
            settings
                .flag("health-probe-bind-address")
                .as(BindAddress::parse)
                .orElse(BindAddress.OFF),
            settings.flag("metrics-bind-address").as(BindAddress::parse).orElse(BindAddress.OFF),
            settings.env("USE_EXTERNAL_DRAINER").is("true"),
            systemd,
            clusterType.filter("openshift"::equals).isPresent(),
            settings.env("IMAGE_FOLDER").path().orElse(Path.of("/opt/sriov")),
            List.copyOf(refused));
    settings.refuseRest();
    return read;
  }

  private static void requirePlugins(Settings settings) {
    settings
        .flag("disable-plugins")
        .as(text -> {
          for (String plugin : text.split(",", -1)) {
            if (!PLUGINS.contains(plugin)) {
              throw new IllegalArgumentException(
                  "\"" + plugin + "\" is not one of " + String.join(", ", PLUGINS));
            }
          }
          return text;
        });
  }

  private static Optional<String> clusterType(Settings settings) {
    return settings
        .env("CLUSTER_TYPE")
        .as(text -> {
          if (!List.of("openshift", "kubernetes").contains(text)) {
            throw new IllegalArgumentException(
                "\"" + text + "\" is neither openshift nor kubernetes");
          }
          return text;
        });
  }
}
