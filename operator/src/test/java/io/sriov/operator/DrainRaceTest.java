package io.sriov.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.kube.Conditions;
import io.sriov.kube.Events;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.ManagedNodes;
import io.sriov.operator.drain.DrainMetrics;
import io.sriov.operator.drain.DrainReconciler;
import io.sriov.operator.pool.PoolIndex;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The moments in which more nodes could drain than the pool allows: an operator whose watches stand
 * still and some of whose requests get no answer. Passes are made by the test, one by one.
 */
class DrainRaceTest {

  private static final String BEGIN = "PATCH .*/sriovnetworknodestates/[^/]*(\\?.*)?";

  private final TestCluster cluster = new TestCluster();
  private final DrainFixture drains = new DrainFixture(cluster);
  private LostAnswers network;
  private KubernetesClient client;
  private Events events;
  private Cluster caches;
  private PoolIndex index;
  private DrainReconciler reconciler;

  /** Two nodes without a pool ask; nothing is heard of them any more afterwards. */
  @BeforeEach
  void start() throws Exception {
    cluster.config(cluster.nodeSelector());
    for (int number : new int[] {1, 2}) {
      cluster.node(number);
      var state = new SriovNetworkNodeState();
      state.setMetadata(
          new ObjectMetaBuilder()
              .withName(cluster.nodeName(number))
              .withNamespace(cluster.namespace)
              .withAnnotations(Map.of(Names.CURRENT_STATE, Names.IDLE))
              .build());
      cluster.create(state);
      drains.drain(number);
    }
    network = new LostAnswers();
    client = network.client(Config.fromKubeconfig(cluster.operatorKubeconfig().toFile()));
    events = new Events(client, Clock.systemUTC(), Names.OPERATOR, "test");
    // The authorizer learns of new bindings through a watch of its own.
    TestCluster.eventually(() -> {
      client.nodes().list();
      client.resources(SriovNetworkNodeState.class).inNamespace(cluster.namespace).list();
    });
    caches = new Cluster(client, cluster.namespace);
    caches.start();
    index = new PoolIndex(Clock.systemUTC(), _ -> {}, _ -> {});
    reconciler = reconciler();
    caches.close();
    for (int number : new int[] {1, 2}) {
      index.put(name(number), ManagedNodes.labels(drains.node(number)));
      index.standing(name(number), () -> reconciler.standing(name(number)));
    }
  }

  private DrainReconciler reconciler() {
    return new DrainReconciler(
        client,
        caches,
        index,
        "openshift.io",
        new DrainMetrics(new PrometheusRegistry()),
        events,
        new Conditions(client, events, Clock.systemUTC(), Names.OPERATOR + "-drain"),
        _ -> {},
        Clock.systemUTC());
  }

  @AfterEach
  void stop() throws Exception {
    reconciler.close();
    events.close();
    client.close();
    network.close();
    drains.sweep();
    cluster.close();
  }

  private String name(int number) {
    return cluster.nodeName(number);
  }

  private void pass(int number) throws Exception {
    var unused = reconciler.reconcile(name(number));
  }

  private void failingPass(int number) {
    assertThatThrownBy(() -> pass(number)).isInstanceOf(KubernetesClientException.class);
  }

  private void patch(int number, String body) {
    var unused =
        cluster
            .admin
            .resource(cluster.state(number))
            .patch(PatchContext.of(PatchType.JSON_MERGE), body);
  }

  @Test
  void aBeginningWhoseAnswerIsLostCounts() throws Exception {
    network.lose(BEGIN, body -> patch(1, body));
    failingPass(1);
    assertThat(network.lost()).isPositive();
    assertThat(drains.current(1)).isEqualTo(Names.DRAINING);
    network.mend();

    pass(2);

    assertThat(drains.current(2)).isEqualTo(Names.IDLE);
    pass(1);
    assertThat(drains.current(1)).isEqualTo(Names.DRAIN_COMPLETE);
    pass(2);
    assertThat(drains.current(2)).isEqualTo(Names.IDLE);
  }

  /** It counts also as long as nobody can say whether it was done. */
  @Test
  void aBeginningOfWhichNothingIsKnownCountsUntilTheServerSaysHowItIs() throws Exception {
    network.lose("(PATCH|GET) .*/sriovnetworknodestates/.*", _ -> {});
    failingPass(1);
    failingPass(1);
    network.lose(".*/sriovnetworknodestates/" + name(1) + ".*", _ -> {});

    pass(2);

    assertThat(drains.current(2)).isEqualTo(Names.IDLE);
    // Withdrawn meanwhile: the slot is given back by the fresh answer alone.
    drains.done(1);
    network.mend();
    caches.nodes.remember(drains.node(1));
    pass(1);
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);
    pass(2);
    assertThat(drains.current(2)).isEqualTo(Names.DRAIN_COMPLETE);
  }

  /** Every event has the node looked at in the caches, which know nothing of what was written. */
  @Test
  void anOldEventDoesNotGiveTheSlotAway() throws Exception {
    drains.vfPod(1, "web-0");
    drains.budget("web");
    pass(1);
    assertThat(drains.current(1)).isEqualTo(Names.DRAINING);

    index.standing(name(1), () -> reconciler.standing(name(1)));
    pass(2);

    assertThat(drains.current(2)).isEqualTo(Names.IDLE);
  }

  @Test
  void nobodyIsEvictedForARequestThatWasTakenBackAndNotHeardOf() throws Exception {
    drains.vfPod(1, "web-0");
    drains.budget("web");
    pass(1);
    assertThat(drains.cordoned(1)).isTrue();
    drains.done(1);
    drains.allow("web", 1);

    pass(1);

    assertThat(drains.exists("web-0")).isTrue();
    pass(1);
    drains.back(1);
    assertThat(drains.exists("web-0")).isTrue();
  }
}
