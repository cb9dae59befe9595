package io.sriov.operator.workload;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.sriov.api.FeatureGate;
import io.sriov.api.Names;
import io.sriov.api.SriovOperatorConfigSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * DaemonSet {@code sriov-device-plugin} and its account (spec 02 §3.2).
 *
 * <p>The plugin waits for its configuration by itself: with gate {@code
 * blockDevicePluginUntilConfigured} it reads the host file that the config daemon writes once the
 * node is configured, otherwise the ConfigMap. So there is no init container, and the plugin needs
 * nothing from the API server.
 */
public final class DevicePlugin {

  private static final String CONFIG_MAP_PATH = "/etc/pcidp/";
  private static final String CONFIG_FOLDER =
      String.valueOf(Path.of(Names.DEVICE_PLUGIN_CONFIG_FILE).getParent());

  private DevicePlugin() {}

  public static ServiceAccount serviceAccount(WorkloadSettings settings) {
    return new ServiceAccountBuilder()
        .withNewMetadata()
        .withName(Names.DEVICE_PLUGIN)
        .withNamespace(settings.namespace())
        .endMetadata()
        .withAutomountServiceAccountToken(false)
        .build();
  }

  public static DaemonSet daemonSet(WorkloadSettings settings, SriovOperatorConfigSpec spec) {
    boolean blocked = FeatureGate.BLOCK_DEVICE_PLUGIN_UNTIL_CONFIGURED.in(spec.featureGates());
    boolean cdi = Boolean.TRUE.equals(spec.useCDI());
    Map<String, String> labels = Pods.labels(Names.DEVICE_PLUGIN);
    labels.put("init-container-enabled", Boolean.toString(blocked));
    return new DaemonSetBuilder()
        .withNewMetadata()
        .withName(Names.DEVICE_PLUGIN)
        .withNamespace(settings.namespace())
        .withAnnotations(
            Map.of(
                "kubernetes.io/description",
                "Offers the VFs of each node to its kubelet.",
                Pods.RELEASE_VERSION,
                settings.releaseVersion()))
        .endMetadata()
        .withNewSpec()
        .withNewSelector()
        .withMatchLabels(Map.of("app", Names.DEVICE_PLUGIN))
        .endSelector()
        .withUpdateStrategy(Pods.aThirdAtATime())
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .withAnnotations(Map.of("openshift.io/required-scc", "privileged"))
        .endMetadata()
        .withNewSpec()
        .withHostNetwork(true)
        .withNodeSelector(nodeSelector(spec))
        .withTolerations(Pods.everyTaint())
        .withServiceAccountName(Names.DEVICE_PLUGIN)
        .withPriorityClassName(Pods.PRIORITY_CLASS)
        .withImagePullSecrets(Pods.pullSecrets(settings))
        .withVolumes(volumes(blocked, cdi))
        .withContainers(plugin(settings, blocked, cdi))
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Map<String, String> nodeSelector(SriovOperatorConfigSpec spec) {
    Map<String, String> selector =
        new TreeMap<>(
            spec.configDaemonNodeSelector().isEmpty()
                ? Map.of("kubernetes.io/os", "linux")
                : spec.configDaemonNodeSelector());
    selector.put(Names.DEVICE_PLUGIN_LABEL, Names.ENABLED);
    return selector;
  }

  private static List<Volume> volumes(boolean blocked, boolean cdi) {
    List<Volume> volumes = new ArrayList<>();
    volumes.add(Pods.hostPath("devicesock", "/var/lib/kubelet/device-plugins", ""));
    volumes.add(Pods.hostPath("plugins-registry", "/var/lib/kubelet/plugins_registry", ""));
    volumes.add(
        Pods.hostPath("pod-resources", "/var/lib/kubelet/pod-resources", "DirectoryOrCreate"));
    volumes.add(
        blocked
            ? Pods.hostPath("config-volume", CONFIG_FOLDER, "DirectoryOrCreate")
            : new VolumeBuilder()
                .withName("config-volume")
                .withNewConfigMap()
                .withName(Names.DEVICE_PLUGIN_CONFIG_MAP)
                .endConfigMap()
                .build());
    volumes.add(
        Pods.hostPath("device-info", "/var/run/k8s.cni.cncf.io/devinfo/dp", "DirectoryOrCreate"));
    // Devices that appear later, e.g. /dev/vhost-net, are seen too.
    volumes.add(Pods.hostPath("dev", "/dev", "Directory"));
    volumes.add(new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build());
    if (cdi) {
      volumes.add(Pods.hostPath("dynamic-cdi", "/var/run/cdi", "DirectoryOrCreate"));
    }
    return volumes;
  }

  private static Container plugin(WorkloadSettings settings, boolean blocked, boolean cdi) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--log-level=10",
                "--resource-prefix=" + settings.resourcePrefix(),
                "--config-file="
                    + (blocked
                        ? Names.DEVICE_PLUGIN_CONFIG_FILE
                        : CONFIG_MAP_PATH + "$(NODE_NAME)")));
    if (cdi) {
      arguments.add("--use-cdi");
    }
    Pods.metricsArgument(settings.metrics().devicePlugin()).ifPresent(arguments::add);
    return new ContainerBuilder()
        .withName(Names.DEVICE_PLUGIN)
        .withImage(settings.devicePluginImage())
        .withCommand("/usr/bin/sriov-device-plugin")
        .withArgs(arguments)
        .withPorts(Pods.metricsPort(settings.metrics().devicePlugin()))
        .withEnv(Pods.field("NODE_NAME", "spec.nodeName"))
        .withSecurityContext(Pods.privilegedReadOnlyRoot())
        // What it takes, more than upstream asks for (10m, 50Mi): on a busy node the request is its
        // share of the processor while it starts and while it follows VFs that come.
        .withResources(Pods.requests("100m", "100Mi"))
        .withVolumeMounts(mounts(blocked, cdi))
        .build();
  }

  private static List<VolumeMount> mounts(boolean blocked, boolean cdi) {
    List<VolumeMount> mounts = new ArrayList<>();
    mounts.add(Pods.mount("devicesock", "/var/lib/kubelet/device-plugins"));
    mounts.add(Pods.mount("plugins-registry", "/var/lib/kubelet/plugins_registry"));
    mounts.add(Pods.mount("pod-resources", "/var/lib/kubelet/pod-resources"));
    mounts.add(Pods.readOnly("config-volume", blocked ? CONFIG_FOLDER : CONFIG_MAP_PATH));
    mounts.add(Pods.mount("device-info", "/var/run/k8s.cni.cncf.io/devinfo/dp"));
    mounts.add(Pods.mount("dev", "/dev"));
    mounts.add(Pods.mount("tmp", "/tmp"));
    if (cdi) {
      mounts.add(Pods.mount("dynamic-cdi", "/var/run/cdi"));
    }
    return mounts;
  }
}
