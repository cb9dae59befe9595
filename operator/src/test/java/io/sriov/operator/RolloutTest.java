package io.sriov.operator;

import static io.sriov.operator.DrainFixture.annotation;
import static io.sriov.operator.TestCluster.ONE_PF;
import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.Names;
import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.testkit.Spec;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds a change back and what takes it back, on a real API server. */
class RolloutTest {

  private static final String VFS =
      "resourceName: %s, nodeSelector: {}, numVfs: %d, nicSelector: {pfNames: [enp1s0]}";

  private TestCluster cluster;
  private DrainFixture drains;

  @BeforeEach
  void start() {
    cluster = new TestCluster();
    drains = new DrainFixture(cluster);
    cluster.config(cluster.nodeSelector());
    cluster.operator();
  }

  @AfterEach
  void stop() throws Exception {
    drains.sweep();
    cluster.close();
  }

  /** The daemon reports of the spec that the state has now. */
  private void report(int number, boolean good) {
    SriovNetworkNodeState state = cluster.state(number);
    Condition ready =
        Serialization.unmarshal(
            """
            type: Ready
            status: "%s"
            reason: %s
            message: ""
            lastTransitionTime: "2026-11-24T12:00:00Z"
            observedGeneration: %d
            """
                .formatted(
                    good ? "True" : "False",
                    good ? "Succeeded" : "Failed",
                    state.getMetadata().getGeneration()),
            Condition.class);
    var unused =
        cluster
            .admin
            .genericKubernetesResources("sriovnetwork.openshift.io/v1", "SriovNetworkNodeState")
            .inNamespace(cluster.namespace)
            .withName(cluster.nodeName(number))
            .subresource("status")
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager("sriov-network-config-daemon")
                    .withForce(true)
                    .build(),
                Serialization.asJson(
                    Map.of(
                        "apiVersion",
                        "sriovnetwork.openshift.io/v1",
                        "kind",
                        "SriovNetworkNodeState",
                        "metadata",
                        Map.of("name", cluster.nodeName(number), "namespace", cluster.namespace),
                        "status",
                        Map.of(
                            "syncStatus",
                            good ? Names.SUCCEEDED : Names.FAILED,
                            "lastSyncError",
                            good ? "" : "0000:01:00.0: sriov_numvfs: EBUSY",
                            "conditions",
                            List.of(ready)))));
  }

  private int vfs(int number) {
    return cluster.state(number).getSpec().interfaces().getFirst().numVfs();
  }

  private void wants(int number, int vfs) {
    eventually(() -> assertThat(vfs(number)).isEqualTo(vfs));
  }

  private String policyCondition(String type) {
    return cluster
        .admin
        .resources(SriovNetworkNodePolicy.class)
        .inNamespace(cluster.namespace)
        .withName("p")
        .get()
        .getStatus()
        .conditions()
        .stream()
        .filter(condition -> condition.getType().equals(type))
        .map(c -> c.getStatus() + " " + c.getReason() + " " + c.getMessage())
        .findFirst()
        .orElse("");
  }

  private void twoNodesWithTwoVfs() {
    drains.nodes(1, 2);
    cluster.report(1, ONE_PF);
    cluster.report(2, ONE_PF);
    cluster.policy("p", VFS.formatted("old", 2));
    wants(1, 2);
    wants(2, 2);
    report(1, true);
    report(2, true);
    eventually(() ->
        assertThat(annotation(cluster.state(1), Names.LAST_GOOD_SPEC))
            .hasValueSatisfying(json -> assertThat(json).contains("\"numVfs\":2")));
  }

  @Test
  void aFailureStopsTheRolloutOnTheOtherNodesUntilThePolicyChanges() {
    twoNodesWithTwoVfs();
    cluster.policy("p", VFS.formatted("old", 5));
    wants(1, 5);

    report(1, false);

    eventually(() -> {
      assertThat(policyCondition("RolloutStopped"))
          .startsWith(
              "True NodeFailed Node " + cluster.nodeName(1) + ": 0000:01:00.0: sriov_numvfs");
      assertThat(drains.hold(2))
          .hasValueSatisfying(hold ->
              assertThat(hold).startsWith("rollout stopped because node " + cluster.nodeName(1)));
      assertThat(drains.stateCondition(1, "RolloutStopped"))
          .map(Condition::getMessage)
          .contains("the wanted spec failed: 0000:01:00.0: sriov_numvfs: EBUSY");
      // Conditions of two writers live side by side.
      assertThat(drains.stateCondition(1, "Ready")).isPresent();
    });
    assertThat(drains.hold(1)).isEmpty();
    assertThat(vfs(1)).isEqualTo(5);
    drains.drain(2);
    eventually(() -> assertThat(drains.events(2)).isEmpty());

    cluster.policy("p", VFS.formatted("old", 4));

    drains.drained(2);
    assertThat(drains.hold(2)).isEmpty();
    eventually(() -> assertThat(policyCondition("RolloutStopped")).startsWith("False Proceeding"));
  }

  @Test
  void aPoolThatAsksForItReturnsTheNodeToWhatWorked() {
    drains.pool("p", "maxUnavailable: 1, onFailure: rollback");
    twoNodesWithTwoVfs();
    String resources = cluster.pluginConfig().get(cluster.nodeName(1));
    cluster.policy("p", VFS.formatted("new", 5));
    wants(1, 5);
    eventually(
        () -> assertThat(cluster.pluginConfig().get(cluster.nodeName(1))).contains("\"new\""));

    report(1, false);

    wants(1, 2);
    eventually(() -> {
      assertThat(cluster.pluginConfig()).containsEntry(cluster.nodeName(1), resources);
      assertThat(policyCondition("RolloutStopped"))
          .startsWith("True NodeFailed Node " + cluster.nodeName(1))
          .contains("returned to the last spec that worked, because the wanted one failed:")
          .contains("EBUSY");
    });
    assertThat(annotation(cluster.state(1), Names.ROLLED_BACK)).isPresent();
    // The old spec works again; the rollout stays stopped all the same, and says why still.
    report(1, true);
    drains.drain(2);
    eventually(() ->
        assertThat(drains.poolCondition("p", "Waiting"))
            .startsWith("True RolloutStopped 1 node to be drained: " + cluster.nodeName(2))
            .contains("EBUSY"));
    assertThat(vfs(1)).isEqualTo(2);
    assertThat(drains.current(2)).isEqualTo(Names.IDLE);
    // So it does after a restart.
    cluster.operator();
    eventually(() -> assertThat(policyCondition("RolloutStopped")).contains("EBUSY"));
    assertThat(vfs(1)).isEqualTo(2);

    cluster.policy("p", VFS.formatted("new", 4));

    wants(1, 4);
    drains.drained(2);
    assertThat(annotation(cluster.state(1), Names.ROLLED_BACK)).isEmpty();
  }

  /** Its label too tells what the node has, and not what its policies want. */
  @Test
  void aNodeThatIsReturnedToNothingOffersNothing() {
    drains.pool("p", "onFailure: rollback");
    drains.nodes(1);
    cluster.report(1, ONE_PF);
    eventually(() -> assertThat(cluster.state(1).getSpec()).isNotNull());
    report(1, true);
    eventually(() -> assertThat(annotation(cluster.state(1), Names.LAST_GOOD_SPEC)).isPresent());
    cluster.policy("p", VFS.formatted("new", 5));
    wants(1, 5);
    eventually(() -> assertThat(cluster.label(1)).contains(Names.ENABLED));

    report(1, false);

    eventually(() -> {
      assertThat(cluster.state(1).getSpec().interfaces()).isEmpty();
      assertThat(cluster.pluginConfig())
          .containsEntry(cluster.nodeName(1), "{\"resourceList\":null}");
      assertThat(cluster.label(1)).contains(Names.DISABLED);
    });
  }

  @Test
  void aPausedPoolHoldsItsNodesAndSaysSo() {
    drains.nodes(1);
    drains.pool("p", "paused: true");
    eventually(() -> assertThat(drains.hold(1)).contains("pool p is paused"));
    drains.drain(1);

    eventually(() ->
        assertThat(drains.poolCondition("p", "Waiting"))
            .isEqualTo(
                "True Paused 1 node to be drained: "
                    + cluster.nodeName(1)
                    + "; waiting because pool p is paused."));
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);
    assertThat(cluster.metric("sriov_drain_nodes", "pool", "p", "state", "waiting")).isOne();

    drains.pool("p", "paused: false");

    drains.drained(1);
    assertThat(drains.hold(1)).isEmpty();
    assertThat(cluster.metric("sriov_drain_nodes", "pool", "p", "state", "draining")).isOne();
  }

  @Test
  void outsideItsWindowsAPoolNamesTheNextOpening() {
    ZonedDateTime later = ZonedDateTime.now(ZoneOffset.UTC).plusHours(5);
    drains.nodes(1);
    drains.pool(
        "p",
        "maintenanceWindows: [{schedule: '%d %d * * *', duration: 1h}]"
            .formatted(later.getMinute(), later.getHour()));
    eventually(() -> assertThat(drains.hold(1)).isPresent());
    drains.drain(1);

    eventually(() -> {
      assertThat(drains.hold(1))
          .hasValueSatisfying(hold ->
              assertThat(hold)
                  .contains("next opening at")
                  .endsWith("%02d:%02d UTC".formatted(later.getHour(), later.getMinute())));
      assertThat(drains.poolCondition("p", "Waiting"))
          .startsWith("True OutsideMaintenanceWindow 1 node to be drained");
    });
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);

    drains.pool("p", "maintenanceWindows: [{schedule: '* * * * *', duration: 1h}]");

    drains.drained(1);
  }

  @Test
  @Spec("02:142")
  void aMalformedPoolNamesTheFieldAndLetsNothingStart() {
    drains.nodes(1);
    drains.pool(
        "p", "maxUnavailable: bla, maintenanceWindows: [{schedule: 'at night', duration: 1h}]");

    eventually(() ->
        assertThat(drains.poolCondition("p", "Ready"))
            .startsWith("False InvalidSpec maxUnavailable is \"bla\"")
            .contains("maintenanceWindows[0].schedule is \"at night\""));
    eventually(() ->
        assertThat(drains.hold(1))
            .hasValueSatisfying(hold -> assertThat(hold).startsWith("pool p: maxUnavailable is")));
    drains.drain(1);
    eventually(() ->
        assertThat(drains.poolCondition("p", "Waiting")).startsWith("True InvalidSpec 1 node"));
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);
  }

  @Test
  @Spec("02:91")
  @Spec("02:92")
  void thePoolSaysWhichRdmaModeItsNodesHave() {
    String selector = "nodeSelector: {matchLabels: {kubernetes.io/hostname: %s}}";
    drains.pool("a", "rdmaMode: exclusive, " + selector.formatted(cluster.nodeName(1)));
    drains.nodes(1, 2);
    cluster.report(1, ONE_PF);
    cluster.report(2, ONE_PF);

    eventually(() -> {
      assertThat(cluster.state(1).getSpec().system().rdmaMode()).isEqualTo(RdmaMode.EXCLUSIVE);
      assertThat(cluster.state(2).getSpec().system()).isNull();
    });

    drains.pool("b", "rdmaMode: shared, " + selector.formatted(cluster.nodeName(1)));

    eventually(() -> assertThat(cluster.state(1).getSpec().system()).isNull());
  }
}
