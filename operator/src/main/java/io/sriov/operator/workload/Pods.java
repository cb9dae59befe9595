package io.sriov.operator.workload;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSetUpdateStrategy;
import io.fabric8.kubernetes.api.model.apps.DaemonSetUpdateStrategyBuilder;
import io.sriov.kube.BindAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the pods of the node side have in common. */
final class Pods {

  static final String RELEASE_VERSION = "release.openshift.io/version";
  static final String PRIORITY_CLASS = "system-node-critical";

  private Pods() {}

  static Map<String, String> labels(String app) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("app", app);
    labels.put("component", "network");
    labels.put("type", "infra");
    labels.put("openshift.io/component", "network");
    return labels;
  }

  static DaemonSetUpdateStrategy aThirdAtATime() {
    return new DaemonSetUpdateStrategyBuilder()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withNewMaxUnavailable("33%")
        .endRollingUpdate()
        .build();
  }

  static Toleration everyTaint() {
    return new TolerationBuilder().withOperator("Exists").build();
  }

  static List<LocalObjectReference> pullSecrets(WorkloadSettings settings) {
    return settings.pullSecrets().stream().map(LocalObjectReference::new).toList();
  }

  static SecurityContext privileged() {
    return new SecurityContextBuilder().withPrivileged(true).build();
  }

  static SecurityContext privilegedReadOnlyRoot() {
    return new SecurityContextBuilder()
        .withPrivileged(true)
        .withReadOnlyRootFilesystem(true)
        .build();
  }

  static ResourceRequirements requests(String cpu, String memory) {
    return new ResourceRequirementsBuilder()
        .withRequests(Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory)))
        .build();
  }

  static EnvVar env(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value).build();
  }

  /** A variable with a field of the pod, e.g. {@code spec.nodeName}. */
  static EnvVar field(String name, String path) {
    return new EnvVarBuilder()
        .withName(name)
        .withNewValueFrom()
        .withNewFieldRef()
        .withFieldPath(path)
        .endFieldRef()
        .endValueFrom()
        .build();
  }

  /** The argument that turns the metrics of a process on, none if they are off. */
  static Optional<String> metricsArgument(BindAddress address) {
    return address.port() == 0
        ? Optional.empty()
        : Optional.of("--metrics-bind-address=" + address);
  }

  /** The port of the metrics by name, so that the scheduler tells of another user of it. */
  static List<ContainerPort> metricsPort(BindAddress address) {
    return address.port() == 0
        ? List.of()
        : List.of(
            new ContainerPortBuilder()
                .withName("metrics")
                .withContainerPort(address.port())
                .withHostPort(address.port())
                .withProtocol("TCP")
                .build());
  }

  /**
   * @param type e.g. {@code DirectoryOrCreate}; empty for no check
   */
  static Volume hostPath(String name, String path, String type) {
    return new VolumeBuilder()
        .withName(name)
        .withNewHostPath()
        .withPath(path)
        .withType(type)
        .endHostPath()
        .build();
  }

  static VolumeMount mount(String volume, String path) {
    return new VolumeMountBuilder().withName(volume).withMountPath(path).build();
  }

  static VolumeMount readOnly(String volume, String path) {
    return new VolumeMountBuilder().withName(volume).withMountPath(path).withReadOnly(true).build();
  }
}
