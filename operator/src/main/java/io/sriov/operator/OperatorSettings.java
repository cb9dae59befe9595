package io.sriov.operator;

import io.sriov.kube.BindAddress;
import io.sriov.kube.Setting;
import io.sriov.kube.SettingException;
import io.sriov.kube.Settings;
import io.sriov.operator.node.NodeSettings;
import io.sriov.operator.workload.WorkloadSettings;
import io.sriov.operator.workload.WorkloadSettings.NodeMetrics;
import io.sriov.operator.workload.WorkloadSettings.OtherCni;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting of the process.
 *
 * @param namespace {@code NAMESPACE}, required: where the operator and its own objects live
 * @param identity {@code POD_NAME}, default the host's name: who this is in the leader election
 * @param kubeconfig {@code --kubeconfig} or {@code KUBECONFIG}: out of a cluster
 * @param health {@code --health-probe-bind-address}, default {@code :8081}
 * @param metrics {@code --metrics-bind-address}, default {@code 0}, which is off
 * @param workloads {@code RESOURCE_PREFIX}, {@code CLUSTER_TYPE}, {@code
 *     SRIOV_NETWORK_CONFIG_DAEMON_IMAGE}, {@code SRIOV_CNI_IMAGE} and {@code
 *     SRIOV_DEVICE_PLUGIN_IMAGE}, all required; {@code SRIOV_INFINIBAND_CNI_IMAGE}, {@code
 *     OVS_CNI_IMAGE} and {@code RDMA_CNI_IMAGE}, each without effect when empty; {@code
 *     SRIOV_CNI_BIN_PATH}, default {@code /var/lib/cni/bin}; {@code IMAGE_PULL_SECRETS}, names
 *     separated by commas; {@code DEV_MODE}, handed on; {@code RELEASEVERSION} or {@code
 *     RELEASE_VERSION}; {@code CONFIG_DAEMON_METRICS_BIND_ADDRESS} and {@code
 *     DEVICE_PLUGIN_METRICS_BIND_ADDRESS}, default {@code 0}, which is off
 * @param nodes {@code USE_EXTERNAL_DRAINER}, on if exactly {@code true}; {@code
 *     STALE_NODE_STATE_CLEANUP_DELAY_MINUTES}, a number from 0, anything else is 30
 */
record OperatorSettings(
    String namespace,
    String identity,
    Optional<Path> kubeconfig,
    BindAddress health,
    BindAddress metrics,
    WorkloadSettings workloads,
    NodeSettings nodes) {

  private static final int STALE_DEFAULT_MINUTES = 30;

  /**
   * @throws SettingException naming the setting that is missing or malformed
   */
  static OperatorSettings read(Map<String, String> environment, String... arguments) {
    Settings settings = Settings.of(environment, arguments);
    String namespace = settings.env("NAMESPACE").required();
    boolean externalDrainer = settings.env("USE_EXTERNAL_DRAINER").is("true");
    OperatorSettings read =
        new OperatorSettings(
            namespace,
            settings
                .env("POD_NAME")
                .text()
                .or(() -> settings.env("HOSTNAME").text())
                .orElse("operator-" + ProcessHandle.current().pid()),
            settings.flagOrEnv("kubeconfig", "KUBECONFIG").as(Path::of),
            settings
                .flag("health-probe-bind-address")
                .as(BindAddress::parse)
                .orElse(new BindAddress("", 8081)),
            bindAddress(settings.flag("metrics-bind-address")),
            workloads(settings, namespace, externalDrainer),
            new NodeSettings(externalDrainer, staleDelay(settings)));
    settings.refuseRest();
    return read;
  }

  private static WorkloadSettings workloads(
      Settings settings, String namespace, boolean externalDrainer) {
    return new WorkloadSettings(
        namespace,
        settings.env("RESOURCE_PREFIX").required(),
        clusterType(settings),
        settings.env("DEV_MODE").orElse(""),
        externalDrainer,
        settings.env("SRIOV_NETWORK_CONFIG_DAEMON_IMAGE").required(),
        settings.env("SRIOV_CNI_IMAGE").required(),
        new OtherCni(
            settings.env("SRIOV_INFINIBAND_CNI_IMAGE").text(),
            settings.env("OVS_CNI_IMAGE").text(),
            settings.env("RDMA_CNI_IMAGE").text()),
        settings.env("SRIOV_DEVICE_PLUGIN_IMAGE").required(),
        settings.env("SRIOV_CNI_BIN_PATH").orElse("/var/lib/cni/bin"),
        settings.env("IMAGE_PULL_SECRETS").list(),
        settings
            .env("RELEASEVERSION")
            .text()
            .or(() -> settings.env("RELEASE_VERSION").text())
            .orElse(""),
        new NodeMetrics(
            bindAddress(settings.env("CONFIG_DAEMON_METRICS_BIND_ADDRESS")),
            bindAddress(settings.env("DEVICE_PLUGIN_METRICS_BIND_ADDRESS"))));
  }

  /** Off unless given. */
  private static BindAddress bindAddress(Setting setting) {
    return setting.as(BindAddress::parse).orElse(BindAddress.OFF);
  }

  private static String clusterType(Settings settings) {
    var setting = settings.env("CLUSTER_TYPE");
    String type = setting.orElse("");
    return switch (type) {
      case "kubernetes" -> type;
      case "openshift" ->
          throw new SettingException(
              setting.key(), "openshift is not supported by this version; use kubernetes");
      default ->
          throw new SettingException(
              setting.key(), "unknown cluster type \"%s\"; use kubernetes".formatted(type));
    };
  }

  /** Upstream falls back instead of failing (spec 01 §4.9). */
  private static Duration staleDelay(Settings settings) {
    String text = settings.env("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES").orElse("");
    boolean number = text.matches("[0-9]{1,9}");
    return Duration.ofMinutes(number ? Integer.parseInt(text) : STALE_DEFAULT_MINUTES);
  }
}
