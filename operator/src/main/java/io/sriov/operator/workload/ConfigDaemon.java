package io.sriov.operator.workload;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.sriov.api.ConfigurationMode;
import io.sriov.api.DisabledPlugin;
import io.sriov.api.FeatureGate;
import io.sriov.api.Names;
import io.sriov.api.SriovOperatorConfigSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** DaemonSet {@code sriov-network-config-daemon} (spec 02 §3.1). */
public final class ConfigDaemon {

  private static final String CNI_BIN = "/host/opt/cni/bin";

  private ConfigDaemon() {}

  /**
   * @param nodeSelector labels of the managed nodes
   */
  public static DaemonSet daemonSet(
      WorkloadSettings settings, SriovOperatorConfigSpec spec, Map<String, String> nodeSelector) {
    return new DaemonSetBuilder()
        .withNewMetadata()
        .withName(Names.CONFIG_DAEMON)
        .withNamespace(settings.namespace())
        .withAnnotations(Map.of(Pods.RELEASE_VERSION, settings.releaseVersion()))
        .endMetadata()
        .withNewSpec()
        .withNewSelector()
        .withMatchLabels(Map.of("app", Names.CONFIG_DAEMON))
        .endSelector()
        .withUpdateStrategy(Pods.aThirdAtATime())
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Pods.labels(Names.CONFIG_DAEMON))
        .withAnnotations(
            Map.of(
                "kubectl.kubernetes.io/default-container",
                Names.CONFIG_DAEMON,
                "openshift.io/required-scc",
                "privileged"))
        .endMetadata()
        .withNewSpec()
        .withHostNetwork(true)
        .withHostPID(true)
        .withNodeSelector(new TreeMap<>(nodeSelector))
        .withTolerations(Pods.everyTaint())
        .withServiceAccountName(Names.CONFIG_DAEMON)
        .withPriorityClassName(Pods.PRIORITY_CLASS)
        .withImagePullSecrets(Pods.pullSecrets(settings))
        .withVolumes(volumes(settings))
        .withInitContainers(cniPlugins(settings))
        .withContainers(daemon(settings, spec))
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static List<Volume> volumes(WorkloadSettings settings) {
    return List.of(
        Pods.hostPath("host", "/", ""),
        Pods.hostPath("cnibin", settings.cniBinPath(), "DirectoryOrCreate"),
        Pods.hostPath("os-release", "/etc/os-release", "File"),
        Pods.hostPath("run-sriov", "/run/sriov", "DirectoryOrCreate"),
        Pods.hostPath("pod-resources", "/var/lib/kubelet/pod-resources", "DirectoryOrCreate"),
        new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build());
  }

  private static List<Container> cniPlugins(WorkloadSettings settings) {
    List<Container> containers = new ArrayList<>();
    containers.add(
        cni("sriov-cni", settings.sriovCniImage())
            .withCommand("/usr/bin/install-sriov-cni")
            .withArgs(settings.ownPlugins())
            .withEnv(Pods.env("CNI_BIN_DIR", CNI_BIN))
            .build());
    asPublished("sriov-infiniband-cni", settings.otherCni().infiniBand())
        .ifPresent(containers::add);
    settings
        .otherCni()
        .openVswitch()
        .map(image ->
            cni("ovs-cni", image)
                .withCommand("/bin/sh", "-c")
                .withArgs(
                    "cp /ovs %1$s/ovs && cp /ovs-mirror-producer %1$s/ovs-mirror-producer && cp /ovs-mirror-consumer %1$s/ovs-mirror-consumer"
                        .formatted(CNI_BIN))
                .build())
        .ifPresent(containers::add);
    asPublished("rdma-cni", settings.otherCni().rdma()).ifPresent(containers::add);
    return containers;
  }

  /** An image whose entry point copies its plugin and, with this argument, ends. */
  private static Optional<Container> asPublished(String name, Optional<String> image) {
    return image.map(given -> cni(name, given).withArgs("--no-sleep").build());
  }

  private static ContainerBuilder cni(String name, String image) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(image)
        .withSecurityContext(Pods.privileged())
        .withResources(Pods.requests("10m", "10Mi"))
        .withVolumeMounts(
            Pods.mount("cnibin", CNI_BIN), Pods.readOnly("os-release", "/host/etc/os-release"));
  }

  private static Container daemon(WorkloadSettings settings, SriovOperatorConfigSpec spec) {
    return new ContainerBuilder()
        .withName(Names.CONFIG_DAEMON)
        .withImage(settings.configDaemonImage())
        .withCommand("/usr/bin/sriov-network-config-daemon")
        .withArgs(arguments(settings, spec))
        .withPorts(Pods.metricsPort(settings.metrics().configDaemon()))
        .withEnv(environment(settings, spec))
        .withSecurityContext(Pods.privilegedReadOnlyRoot())
        .withResources(Pods.requests("100m", "100Mi"))
        .withVolumeMounts(
            // What is mounted on the host later, e.g. a pod's network namespace, is seen too.
            new VolumeMountBuilder()
                .withName("host")
                .withMountPath("/host")
                .withMountPropagation("HostToContainer")
                .build(),
            Pods.mount("run-sriov", "/run/sriov"),
            Pods.mount("pod-resources", "/var/lib/kubelet/pod-resources"),
            Pods.mount("tmp", "/tmp"))
        .build();
  }

  private static List<String> arguments(WorkloadSettings settings, SriovOperatorConfigSpec spec) {
    List<String> arguments = new ArrayList<>(List.of("start"));
    if (spec.configurationMode() == ConfigurationMode.SYSTEMD) {
      arguments.add("--use-systemd-service");
    }
    if (!spec.disablePlugins().isEmpty()) {
      arguments.add(
          "--disable-plugins="
              + spec.disablePlugins().stream()
                  .map(DisabledPlugin::value)
                  .collect(Collectors.joining(",")));
    }
    if (FeatureGate.PARALLEL_NIC_CONFIG.in(spec.featureGates())) {
      arguments.add("--parallel-nic-config");
    }
    Pods.metricsArgument(settings.metrics().configDaemon()).ifPresent(arguments::add);
    return arguments;
  }

  private static List<EnvVar> environment(WorkloadSettings settings, SriovOperatorConfigSpec spec) {
    Map<String, EnvVar> environment = new LinkedHashMap<>();
    environment.put("NODE_NAME", Pods.field("NODE_NAME", "spec.nodeName"));
    environment.put("NAMESPACE", Pods.field("NAMESPACE", "metadata.namespace"));
    environment.put("CLUSTER_TYPE", Pods.env("CLUSTER_TYPE", settings.clusterType()));
    environment.put("DEV_MODE", Pods.env("DEV_MODE", settings.devMode()));
    if (settings.externalDrainer()) {
      environment.put("USE_EXTERNAL_DRAINER", Pods.env("USE_EXTERNAL_DRAINER", "true"));
    }
    // Server-side apply refuses two variables of one name, where upstream let the later one win.
    new TreeMap<>(spec.configDaemonEnvVars())
        .forEach((name, value) -> environment.put(name, Pods.env(name, value)));
    return List.copyOf(environment.values());
  }
}
