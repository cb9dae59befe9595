package io.sriov.operator;

import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkPoolConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What config daemons, the kubelet and the disruption controller would do in a drain: there are
 * none here. A pod without grace period is gone as soon as it is evicted.
 */
final class DrainFixture {

  private final TestCluster cluster;

  DrainFixture(TestCluster cluster) {
    this.cluster = cluster;
  }

  /** Nodes whose hand-shake has begun. */
  void nodes(int... numbers) {
    for (int number : numbers) {
      cluster.node(number);
    }
    for (int number : numbers) {
      eventually(() -> {
        assertThat(current(number)).isEqualTo(Names.IDLE);
        assertThat(annotation(node(number), Names.NODE_STATE)).contains(Names.IDLE);
      });
    }
  }

  /**
   * The daemon asks: the node first, then its state.
   *
   * @param pods that hold VFs; null as the Go daemon, which does not say
   */
  void request(int number, String what, @Nullable List<String> pods) {
    annotateNode(number, Names.NODE_STATE, what);
    Map<String, @Nullable String> annotations = new HashMap<>();
    annotations.put(Names.DESIRED_STATE, what);
    annotations.put(Names.DRAIN_PODS, pods == null ? null : Serialization.asJson(pods));
    annotateState(number, annotations);
  }

  void drain(int... numbers) {
    Arrays.stream(numbers).forEach(number -> request(number, Names.DRAIN_REQUIRED, null));
  }

  /** The daemon has done its work. */
  void done(int number) {
    request(number, Names.IDLE, null);
  }

  void annotateNode(int number, String name, @Nullable String value) {
    Map<String, @Nullable String> annotations = new HashMap<>();
    annotations.put(name, value);
    var unused =
        cluster
            .admin
            .nodes()
            .withName(cluster.nodeName(number))
            .patch(PatchContext.of(PatchType.JSON_MERGE), metadata(annotations));
  }

  void annotateState(int number, Map<String, @Nullable String> annotations) {
    var unused =
        cluster
            .admin
            .resources(SriovNetworkNodeState.class)
            .inNamespace(cluster.namespace)
            .withName(cluster.nodeName(number))
            .patch(PatchContext.of(PatchType.JSON_MERGE), metadata(annotations));
  }

  private static String metadata(Map<String, @Nullable String> annotations) {
    return Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations)));
  }

  void cordon(int number, boolean unschedulable) {
    var unused =
        cluster
            .admin
            .nodes()
            .withName(cluster.nodeName(number))
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"spec\":{\"unschedulable\":" + unschedulable + "}}");
  }

  Node node(int number) {
    return cluster.admin.nodes().withName(cluster.nodeName(number)).get();
  }

  boolean cordoned(int number) {
    return Boolean.TRUE.equals(node(number).getSpec().getUnschedulable());
  }

  String current(int number) {
    return annotation(cluster.state(number), Names.CURRENT_STATE).orElse("");
  }

  Optional<String> hold(int number) {
    return annotation(cluster.state(number), Names.HOLD);
  }

  static Optional<String> annotation(io.fabric8.kubernetes.api.model.HasMetadata o, String name) {
    return Optional.ofNullable(o.getMetadata().getAnnotations()).map(a -> a.get(name));
  }

  void becomes(int number, String current) {
    eventually(() -> assertThat(current(number)).isEqualTo(current));
  }

  /** Drained and cordoned. */
  void drained(int number) {
    becomes(number, Names.DRAIN_COMPLETE);
    assertThat(cordoned(number)).isTrue();
  }

  /** At work again, without a trace. */
  void back(int number) {
    becomes(number, Names.IDLE);
    assertThat(cordoned(number)).isFalse();
    assertThat(annotation(node(number), Names.CORDONED)).isEmpty();
    assertThat(annotation(cluster.state(number), Names.DRAINING_SINCE)).isEmpty();
  }

  /** How many nodes take a slot. */
  long busy(int... numbers) {
    return Arrays.stream(numbers).mapToObj(this::current).filter(c -> !c.equals("Idle")).count();
  }

  List<Integer> inState(String current, int... numbers) {
    return Arrays.stream(numbers).filter(n -> current(n).equals(current)).boxed().toList();
  }

  /** A running pod on a node that holds a VF. */
  Pod vfPod(int number, String name) {
    return pod(number, name, "labels: {app: web}", "{openshift.io/nic: 1}", "");
  }

  Pod plainPod(int number, String name) {
    return pod(number, name, "labels: {app: web}", "{cpu: 1m}", "");
  }

  /**
   * @param more members of the spec
   */
  Pod pod(int number, String name, String metadata, String resources, String more) {
    Pod pod =
        Serialization.unmarshal(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, namespace: %s, %s}
            spec:
              nodeName: %s
              terminationGracePeriodSeconds: 0
              containers: [{name: c, image: none, resources: {requests: %s, limits: %s}}]
              %s
            """
                .formatted(
                    name,
                    cluster.namespace,
                    metadata,
                    cluster.nodeName(number),
                    resources,
                    resources,
                    more),
            Pod.class);
    Pod created = (Pod) cluster.create(pod);
    created.setStatus(
        Serialization.unmarshal(
            "---\n{phase: Running, conditions: [{type: Ready, status: 'True'}]}",
            io.fabric8.kubernetes.api.model.PodStatus.class));
    return cluster.admin.resource(created).updateStatus();
  }

  boolean exists(String pod) {
    return cluster.admin.pods().inNamespace(cluster.namespace).withName(pod).get() != null;
  }

  String key(String pod) {
    return cluster.namespace + "/" + pod;
  }

  /** A budget for all pods {@code app: web} that lets none go. */
  void budget(String name) {
    PodDisruptionBudget budget =
        Serialization.unmarshal(
            """
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: %s, namespace: %s}
            spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
            """
                .formatted(name, cluster.namespace),
            PodDisruptionBudget.class);
    cluster.create(budget);
    allow(name, 0);
  }

  /** What the disruption controller finds. */
  void allow(String budget, int disruptions) {
    var unused =
        cluster
            .admin
            .policy()
            .v1()
            .podDisruptionBudget()
            .inNamespace(cluster.namespace)
            .withName(budget)
            .subresource("status")
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                """
                {"status": {"observedGeneration": 1, "disruptionsAllowed": %d, "expectedPods": 2,
                            "currentHealthy": 1, "desiredHealthy": 1}}
                """
                    .formatted(disruptions));
  }

  void pool(String name, String spec) {
    cluster.apply("SriovNetworkPoolConfig", name, cluster.namespace, spec);
  }

  String poolCondition(String name, String type) {
    return cluster
        .admin
        .resources(SriovNetworkPoolConfig.class)
        .inNamespace(cluster.namespace)
        .withName(name)
        .get()
        .getStatus()
        .conditions()
        .stream()
        .filter(condition -> condition.getType().equals(type))
        .map(c -> c.getStatus() + " " + c.getReason() + " " + c.getMessage())
        .findFirst()
        .orElse("");
  }

  Optional<Condition> stateCondition(int number, String type) {
    SriovNetworkNodeState state = cluster.state(number);
    return state.getStatus() == null
        ? Optional.empty()
        : state.getStatus().conditions().stream()
            .filter(condition -> condition.getType().equals(type))
            .findFirst();
  }

  /** Notes of the events about a node's drain. */
  Stream<String> events(int number) {
    return cluster
        .admin
        .events()
        .v1()
        .events()
        .inNamespace(cluster.namespace)
        .list()
        .getItems()
        .stream()
        .filter(event -> event.getRegarding().getName().equals(cluster.nodeName(number)))
        .filter(event -> "DrainController".equals(event.getReason()))
        .map(event -> event.getType() + " " + event.getAction() + " " + event.getNote());
  }

  void sweep() {
    cluster.admin.pods().inNamespace(cluster.namespace).withGracePeriod(0).delete();
    cluster.admin.policy().v1().podDisruptionBudget().inNamespace(cluster.namespace).delete();
    cluster.admin.resources(SriovNetworkPoolConfig.class).inNamespace(cluster.namespace).delete();
    cluster.admin.nodes().withLabel("test", cluster.namespace).delete();
  }
}
