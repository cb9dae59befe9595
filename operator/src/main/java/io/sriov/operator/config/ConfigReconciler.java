package io.sriov.operator.config;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.api.SriovOperatorConfigSpec;
import io.sriov.kube.Conditions;
import io.sriov.kube.DesiredCondition;
import io.sriov.kube.log.Logging;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.Finalizers;
import io.sriov.operator.cluster.ManagedNodes;
import io.sriov.operator.cluster.Owner;
import io.sriov.operator.queue.Next;
import io.sriov.operator.workload.Applier;
import io.sriov.operator.workload.ConfigDaemon;
import io.sriov.operator.workload.DevicePlugin;
import io.sriov.operator.workload.WorkloadSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SriovOperatorConfig {@code default} → the workloads on the nodes (spec 02 §2.1). */
public final class ConfigReconciler {

  private static final Logger log = LoggerFactory.getLogger(ConfigReconciler.class);

  /** What was changed by hand in an object that is not watched comes back after this long. */
  private static final Duration RESYNC = Duration.ofMinutes(5);

  private final KubernetesClient client;
  private final Cluster cluster;
  private final WorkloadSettings settings;
  private final Conditions conditions;
  private final Applier applier;
  private final Finalizers finalizers;

  public ConfigReconciler(
      KubernetesClient client, Cluster cluster, WorkloadSettings settings, Conditions conditions) {
    this.client = client;
    this.cluster = cluster;
    this.settings = settings;
    this.conditions = conditions;
    this.applier = new Applier(client);
    this.finalizers = new Finalizers(client);
  }

  /**
   * @param name of the configuration; all but {@code default} are ignored
   */
  public Next reconcile(String name) {
    var config = cluster.configs.get(cluster.namespace(), name);
    if (config.isEmpty() || !name.equals(Names.DEFAULT)) {
      return Next.EVENT;
    }
    if (config.get().isMarkedForDeletion()) {
      return release(config.get());
    }
    return provide(config.get());
  }

  private Next provide(SriovOperatorConfig seen) {
    SriovOperatorConfigSpec spec = spec(seen);
    Logging.verbosity(spec.logLevel() == null ? 0 : spec.logLevel());
    log.info("Reconciling SriovOperatorConfig");
    SriovOperatorConfig config = seen;
    try {
      config = finalizers.add(seen, Names.OPERATOR_CONFIG_FINALIZER);
      cluster.configs.remember(config);
      apply(config, spec);
    } catch (KubernetesClientException e) {
      report(config, DesiredCondition.fails("Ready", "OperatorConfigSyncFailed", message(e)));
      throw e;
    }
    report(config, outcome(spec));
    return Next.in(RESYNC);
  }

  private void apply(SriovOperatorConfig config, SriovOperatorConfigSpec spec) {
    OwnerReference owner = Owner.controller(config);
    Map<String, String> nodes = ManagedNodes.of(config).selector();
    cluster.daemonSets.remember(
        applier.apply(ConfigDaemon.daemonSet(settings, spec, nodes), owner));
    var unused = applier.apply(DevicePlugin.serviceAccount(settings), owner);
    cluster.daemonSets.remember(applier.apply(DevicePlugin.daemonSet(settings, spec), owner));
  }

  private static DesiredCondition outcome(SriovOperatorConfigSpec spec) {
    List<String> refused = Unsupported.in(spec);
    return refused.isEmpty()
        ? DesiredCondition.holds(
            "Ready", "OperatorConfigReady", "SriovOperatorConfig reconciled successfully")
        : DesiredCondition.fails(
            "Ready",
            "UnsupportedConfiguration",
            "Not supported by this version and therefore without effect: "
                + String.join(", ", refused)
                + ". Everything else is applied.");
  }

  private void report(SriovOperatorConfig config, DesiredCondition ready) {
    try {
      var unused =
          conditions.apply(
              config,
              config.getStatus() == null ? List.of() : config.getStatus().conditions(),
              List.of(ready));
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) {
        throw e;
      }
    }
  }

  /**
   * Node states go first: a config daemon that is stopped afterwards knows by that that no other
   * will follow, and tells the CNI forwarder on its node. Everything that the configuration owns is
   * then left to the garbage collector.
   */
  private Next release(SriovOperatorConfig config) {
    if (config.hasFinalizer(Names.OPERATOR_CONFIG_FINALIZER)) {
      log.info("SriovOperatorConfig is being deleted: removing the node states");
      // One by one: the right to delete a collection would be a right more.
      client
          .resources(SriovNetworkNodeState.class)
          .inNamespace(cluster.namespace())
          .list()
          .getItems()
          .forEach(state -> {
            var unused = client.resource(state).delete();
          });
      finalizers.remove(config, Names.OPERATOR_CONFIG_FINALIZER);
    }
    return Next.EVENT;
  }

  private static SriovOperatorConfigSpec spec(SriovOperatorConfig config) {
    return config.getSpec() == null
        ? new SriovOperatorConfigSpec(
            Map.of(), null, null, null, null, null, null, null, List.of(), Map.of(), Map.of(), null,
            null)
        : config.getSpec();
  }

  private static String message(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }
}
