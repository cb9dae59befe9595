package io.sriov.operator.workload;

import java.util.List;
import java.util.Optional;

/**
 * What the installer decides about the workloads.
 *
 * @param resourcePrefix as in {@code openshift.io/pool}
 * @param clusterType handed on to the daemon
 * @param devMode handed on to the daemon, verbatim
 * @param configDaemonImage node image
 * @param sriovCniImage image that installs {@code sriov}, i.e. the node image
 * @param otherCni images of further plugins, installed as their own projects publish them
 * @param cniBinPath host folder of the CNI plugins
 * @param pullSecrets names of Secrets
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
    String releaseVersion) {

  /** Images of plugins that are not ours; an absent one is not installed. */
  public record OtherCni(
      Optional<String> infiniBand, Optional<String> openVswitch, Optional<String> rdma) {}
}
