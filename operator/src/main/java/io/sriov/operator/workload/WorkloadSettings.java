package io.sriov.operator.workload;

import io.sriov.kube.BindAddress;
import io.sriov.plan.network.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the installer decides about the workloads.
 *
 * @param resourcePrefix as in {@code openshift.io/pool}
 * @param clusterType handed on to the daemon
 * @param devMode handed on to the daemon, verbatim
 * @param configDaemonImage node image
 * @param sriovCniImage image that installs our plugins {@code sriov}, {@code ib-sriov} and {@code
 *     rdma}, i.e. the node image
 * @param otherCni images of further plugins, installed as their own projects publish them; one of a
 *     plugin that we have takes its place
 * @param cniBinPath host folder of the CNI plugins
 * @param pullSecrets names of Secrets
 * @param metrics where the processes on the nodes serve their metrics
 */
public record WorkloadSettings(
    String namespace,
    String resourcePrefix,
    String clusterType,
    String devMode,
    boolean externalDrainer,
    String configDaemonImage,
    String sriovCniImage,
    OtherCni otherCni,
    String devicePluginImage,
    String cniBinPath,
    List<String> pullSecrets,
    String releaseVersion,
    NodeMetrics metrics) {

  /** Names under which our plugins are installed, without those that an image of another brings. */
  List<String> ownPlugins() {
    List<String> names = new ArrayList<>(List.of("sriov"));
    if (otherCni.infiniBand().isEmpty()) {
      names.add("ib-sriov");
    }
    if (otherCni.rdma().isEmpty()) {
      names.add("rdma");
    }
    return names;
  }

  /** Whether the plugin that a network needs is installed on the nodes with our workloads. */
  public boolean installsPluginOf(Network network) {
    return switch (network) {
      case Network.Ethernet _, Network.InfiniBand _ -> true;
      case Network.OpenVswitch _ -> otherCni.openVswitch().isPresent();
    };
  }

  /** Images of plugins that are not ours; an absent one is not installed. */
  public record OtherCni(
      Optional<String> infiniBand, Optional<String> openVswitch, Optional<String> rdma) {}

  /**
   * Where {@code /metrics} is served on each node, in the node's own network; off by default.
   *
   * @param configDaemon of {@code sriov-network-config-daemon}
   * @param devicePlugin of {@code sriov-device-plugin}
   */
  public record NodeMetrics(BindAddress configDaemon, BindAddress devicePlugin) {}
}
