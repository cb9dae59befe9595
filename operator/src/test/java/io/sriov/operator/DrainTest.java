package io.sriov.operator;

import static io.sriov.operator.DrainFixture.annotation;
import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.testkit.Spec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hand-shake of a drain on a real API server under the chart's roles. */
class DrainTest {

  private static TestCluster cluster;
  private static DrainFixture drains;
  private static Operator operator;

  @BeforeAll
  static void open() {
    cluster = new TestCluster();
    drains = new DrainFixture(cluster);
    cluster.config(cluster.nodeSelector());
  }

  @BeforeEach
  void start() {
    operator = cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0");
  }

  @AfterEach
  void stop() {
    drains.sweep();
    eventually(() ->
        assertThat(
                cluster
                    .admin
                    .resources(SriovNetworkNodeState.class)
                    .inNamespace(cluster.namespace)
                    .list()
                    .getItems())
            .isEmpty());
    operator.close();
  }

  @AfterAll
  static void close() throws Exception {
    cluster.close();
  }

  private static void restart() {
    operator.close();
    operator = cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0");
  }

  @Test
  @Spec("02:129")
  @Spec("02:143")
  void onlyPodsWithVfsLeaveAndThenTheNodeIsBack() {
    drains.nodes(1);
    drains.vfPod(1, "vf");
    drains.plainPod(1, "plain");

    drains.drain(1);
    drains.drained(1);

    assertThat(drains.exists("vf")).isFalse();
    assertThat(drains.exists("plain")).isTrue();
    drains.done(1);
    drains.back(1);
    eventually(() ->
        assertThat(drains.events(1))
            .contains(
                "Normal DrainNode node drain completed",
                "Normal CompleteDrain node un drain completed"));
  }

  @Test
  void exactlyThePodsThatTheNodeNamesLeave() {
    drains.nodes(1);
    drains.vfPod(1, "untouched");
    drains.vfPod(1, "affected");

    drains.request(1, Names.DRAIN_REQUIRED, List.of(drains.key("affected")));
    drains.drained(1);

    assertThat(drains.exists("affected")).isFalse();
    assertThat(drains.exists("untouched")).isTrue();
  }

  @Test
  void aPodThatSlippedInAfterTheDrainIsEvictedToo() {
    drains.nodes(1);
    drains.request(1, Names.DRAIN_REQUIRED, List.of());
    drains.drained(1);
    drains.vfPod(1, "late");

    drains.request(1, Names.DRAIN_REQUIRED, List.of(drains.key("late")));

    eventually(() -> assertThat(drains.exists("late")).isFalse());
    drains.drained(1);
  }

  @Test
  @Spec("02:131")
  void oneOfTwoNodesIsDrainedWholeForItsReboot() {
    drains.nodes(1, 2);
    drains.plainPod(1, "plain");
    drains.plainPod(2, "elsewhere");

    drains.request(1, Names.REBOOT_REQUIRED, null);
    drains.drained(1);

    assertThat(drains.exists("plain")).isFalse();
    assertThat(drains.exists("elsewhere")).isTrue();
    assertThat(drains.cordoned(2)).isFalse();
  }

  @Test
  @Spec("02:132")
  void aNodeThatSomebodyElseDrainsIsLeftAlone() {
    drains.nodes(1, 2);
    drains.annotateState(1, Map.of(Names.USE_EXTERNAL_DRAINER, "true"));
    drains.drain(1, 2);

    // The other one shows that the operator has seen the requests.
    drains.drained(2);
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);
    assertThat(drains.cordoned(1)).isFalse();
  }

  @Test
  @Spec("02:133")
  void nodesWithoutAPoolAreDrainedOneAfterTheOther() {
    drains.nodes(1, 2, 3);
    drains.drain(1, 2);
    eventually(() -> assertThat(drains.inState(Names.DRAIN_COMPLETE, 1, 2, 3)).hasSize(1));
    int first = drains.inState(Names.DRAIN_COMPLETE, 1, 2).getFirst();
    int second = 3 - first;
    assertThat(drains.current(second)).isEqualTo(Names.IDLE);

    drains.done(first);

    drains.drained(second);
    drains.back(first);
  }

  @Test
  @Spec("02:134")
  void aPoolDrainsAsManyAtOnceAsItSays() {
    drains.pool(
        "two", "maxUnavailable: 2, nodeSelector: {matchLabels: {test: " + cluster.namespace + "}}");
    drains.nodes(1, 2, 3);
    drains.drain(1, 2, 3);

    eventually(() -> {
      assertThat(drains.inState(Names.DRAIN_COMPLETE, 1, 2, 3)).hasSize(2);
      assertThat(drains.poolCondition("two", "Waiting"))
          .startsWith("True NoFreeSlot 1 node to be drained: ");
      assertThat(drains.poolCondition("two", "Draining")).startsWith("True NodesDrain 2 nodes");
    });
    assertThat(List.of(1, 2, 3).stream().filter(drains::cordoned)).hasSize(2);
  }

  @Test
  @Spec("02:135")
  void aPoolWithoutLimitDrainsAllAtOnce() {
    drains.pool("all", "nodeSelector: {matchLabels: {test: " + cluster.namespace + "}}");
    drains.nodes(1, 2, 3);
    drains.drain(1, 2, 3);

    List.of(1, 2, 3).forEach(drains::drained);
  }

  @Test
  @Spec("02:136")
  void aPoolThatIsStuckDoesNotStopTheNodesWithoutPool() {
    drains.pool(
        "stuck",
        "maxUnavailable: 1, nodeSelector: {matchLabels: {kubernetes.io/hostname: "
            + cluster.nodeName(1)
            + "}}");
    drains.nodes(1, 2);
    drains.vfPod(1, "protected");
    drains.budget("web");
    drains.drain(1);
    drains.becomes(1, Names.DRAINING);

    drains.drain(2);

    drains.drained(2);
    assertThat(drains.current(1)).isEqualTo(Names.DRAINING);
  }

  @Test
  @Spec("02:137")
  @Spec("02:139")
  void aPoolWithoutSelectorTakesAllNodesAndOneForOffloadNone() {
    drains.pool("offload", "ovsHardwareOffloadConfig: {name: worker}, maxUnavailable: 0");
    drains.pool("all", "maxUnavailable: 10");
    drains.nodes(1, 2, 3);
    drains.drain(1, 2, 3);

    List.of(1, 2, 3).forEach(drains::drained);
  }

  @Test
  @Spec("02:138")
  void aNodeInTwoPoolsIsNotDrainedAndSaysWhy() {
    String selector = "nodeSelector: {matchLabels: {kubernetes.io/hostname: " + cluster.nodeName(1);
    drains.pool("a", selector + "}}");
    drains.pool("b", selector + "}}");
    drains.nodes(1, 2);
    drains.drain(1, 2);

    drains.drained(2);
    eventually(() -> {
      assertThat(drains.hold(1)).contains("node is part of more then one pool: a, b");
      assertThat(drains.events(1))
          .contains(
              "Warning DrainNode failed to drain node: node is part of more then one pool: a, b");
      assertThat(drains.poolCondition("a", "Ready")).contains(cluster.nodeName(1));
    });
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);
  }

  @Test
  @Spec(
      value = "02:146",
      differs = "no attempt fails: the drain waits, sees the pod go at once, and says so when late")
  void aPodThatDoesNotGoKeepsTheNodeDraining() {
    drains.pool("p", "drainTimeout: 1s");
    drains.nodes(1);
    drains.pod(1, "stays", "finalizers: [test/stays]", "{openshift.io/nic: 1}", "");
    drains.drain(1);

    eventually(() ->
        assertThat(drains.stateCondition(1, "DrainBlocked"))
            .map(Condition::getMessage)
            .hasValueSatisfying(text ->
                assertThat(text)
                    .startsWith("Draining since 20")
                    .contains("pod " + drains.key("stays") + " was told to end at ")));
    assertThat(drains.current(1)).isEqualTo(Names.DRAINING);
    assertThat(drains.cordoned(1)).isTrue();

    cluster
        .admin
        .pods()
        .inNamespace(cluster.namespace)
        .withName("stays")
        .edit(pod -> {
          pod.getMetadata().setFinalizers(List.of());
          return pod;
        });
    drains.drained(1);
    eventually(() ->
        assertThat(drains.stateCondition(1, "DrainBlocked"))
            .map(Condition::getStatus)
            .contains("False"));
  }

  @Test
  @Spec(
      value = "02:160",
      differs = "no worker is held and no attempt fails; the pod is never deleted all the same")
  void aBudgetIsRespectedHoweverLongAndNamedAfterTheTimeout() {
    drains.pool("p", "drainTimeout: 2s");
    drains.nodes(1);
    drains.vfPod(1, "web-0");
    drains.budget("web");
    drains.drain(1);

    eventually(() -> {
      assertThat(drains.stateCondition(1, "DrainBlocked"))
          .hasValueSatisfying(condition -> {
            assertThat(condition.getStatus()).isEqualTo("True");
            assertThat(condition.getMessage())
                .startsWith("Draining since 20")
                .contains("pod " + drains.key("web-0") + " may not be evicted")
                .contains("The disruption budget web needs 1 healthy pods and has 1 currently");
          });
      assertThat(drains.events(1))
          .anyMatch(note ->
              note.startsWith("Warning DrainNode node drain operation was not completed")
                  && note.contains("disruption budget web"));
    });
    assertThat(drains.exists("web-0")).isTrue();
    assertThat(drains.current(1)).isEqualTo(Names.DRAINING);

    drains.allow("web", 1);

    drains.drained(1);
    assertThat(drains.exists("web-0")).isFalse();
  }

  @Test
  void aPoolMayGiveUpWhereuponTheNodeIsBackUntilSomethingChanges() {
    drains.pool("p", "drainTimeout: 1s, onDrainTimeout: giveUp");
    drains.nodes(1);
    drains.vfPod(1, "web-0");
    drains.budget("web");
    drains.drain(1);

    eventually(() ->
        assertThat(annotation(cluster.state(1), Names.DRAIN_GIVEN_UP))
            .contains(cluster.state(1).getMetadata().getGeneration().toString()));
    drains.back(1);
    assertThat(drains.exists("web-0")).isTrue();
    eventually(() ->
        assertThat(drains.stateCondition(1, "DrainBlocked"))
            .map(Condition::getReason)
            .contains("GivenUp"));

    // A restarted operator does not begin again; removing the annotation by hand asks for it.
    drains.allow("web", 1);
    restart();
    drains.nodes(2);
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);
    Map<String, @Nullable String> removed = new HashMap<>();
    removed.put(Names.DRAIN_GIVEN_UP, null);
    drains.annotateState(1, removed);

    drains.drained(1);
  }

  /** The budget lets the pod go in the very pass that would give up. */
  @Test
  void aDrainWhosePodsHaveJustBeenLetGoIsNotGivenUp() {
    drains.pool("p", "drainTimeout: 1s, onDrainTimeout: giveUp");
    drains.nodes(1);
    drains.vfPod(1, "web-0");
    operator.close();
    drains.drain(1);
    drains.annotateState(
        1,
        Map.of(Names.CURRENT_STATE, Names.DRAINING, Names.DRAINING_SINCE, "2026-01-01T00:00:00Z"));

    operator = cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0");

    drains.drained(1);
    assertThat(drains.exists("web-0")).isFalse();
    assertThat(annotation(cluster.state(1), Names.DRAIN_GIVEN_UP)).isEmpty();
  }

  @Test
  void aPoolMayProceedPastTheBudget() {
    drains.pool("p", "drainTimeout: 1s, onDrainTimeout: proceed");
    drains.nodes(1);
    drains.vfPod(1, "web-0");
    drains.budget("web");
    drains.drain(1);

    drains.drained(1);
    assertThat(drains.exists("web-0")).isFalse();
    eventually(() ->
        assertThat(drains.events(1))
            .anyMatch(note -> note.contains(drains.key("web-0")) && note.contains("are deleted")));
  }

  @Test
  @Spec(value = "02:161", differs = "a cordon that somebody else has set stays")
  void theCordonOfAnAdministratorStays() {
    drains.nodes(1, 2);
    drains.cordon(1, true);
    drains.drain(1);
    drains.becomes(1, Names.DRAIN_COMPLETE);
    assertThat(annotation(drains.node(1), Names.CORDONED)).isEmpty();

    drains.done(1);
    drains.becomes(1, Names.IDLE);

    assertThat(drains.cordoned(1)).isTrue();
    eventually(
        () -> assertThat(drains.events(1)).anyMatch(note -> note.contains("stays cordoned")));
    // It takes no slot either.
    drains.drain(2);
    drains.drained(2);
  }

  @Test
  @Spec("02:150")
  void aRequestThatIsTakenBackReleasesTheNode() {
    drains.nodes(1);
    drains.vfPod(1, "web-0");
    drains.budget("web");
    drains.drain(1);
    drains.becomes(1, Names.DRAINING);
    eventually(() -> assertThat(drains.cordoned(1)).isTrue());

    drains.done(1);

    drains.back(1);
    assertThat(drains.exists("web-0")).isTrue();
  }

  /** In every state, before an operator that was away looks again. */
  @Test
  void aRequestThatIsTakenBackWhileNoOperatorRunsEvictsNobodyAndLeavesForeignCordonsAlone() {
    drains.nodes(1, 2, 3);
    drains.pool("all", "");
    drains.vfPod(1, "web-0");
    drains.vfPod(3, "web-2");
    drains.budget("web");
    drains.cordon(3, true);
    drains.drain(1, 2, 3);
    drains.becomes(1, Names.DRAINING);
    drains.drained(2);
    drains.becomes(3, Names.DRAINING);
    eventually(() -> assertThat(drains.cordoned(1)).isTrue());
    operator.close();

    List.of(1, 2, 3).forEach(drains::done);
    drains.allow("web", 2);
    operator = cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0");

    drains.back(1);
    drains.back(2);
    drains.becomes(3, Names.IDLE);
    assertThat(drains.cordoned(3)).isTrue();
    assertThat(drains.exists("web-0")).isTrue();
    assertThat(drains.exists("web-2")).isTrue();
  }

  @Test
  @Spec("02:152")
  @Spec("02:153")
  void anUnknownRequestChangesNothingAndALostOneIsIdle() {
    drains.nodes(1);
    drains.annotateNode(1, Names.NODE_STATE, "Foo");

    eventually(() ->
        assertThat(drains.events(1))
            .contains(
                "Warning DrainNode failed to drain node: unexpected node drain annotation"
                    + " sriovnetwork.openshift.io/state: Foo"));
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);
    assertThat(annotation(drains.node(1), Names.NODE_STATE)).contains("Foo");

    drains.annotateNode(1, Names.NODE_STATE, null);
    eventually(() -> assertThat(annotation(drains.node(1), Names.NODE_STATE)).contains(Names.IDLE));
  }

  @Test
  void aNodeStateThatIsDeletedWhileDrainingLeavesNoCordonBehind() {
    drains.nodes(1);
    drains.drain(1);
    drains.drained(1);
    drains.done(1);
    drains.back(1);
    drains.drain(1);
    drains.drained(1);

    cluster.admin.resource(cluster.state(1)).delete();

    // Asked for still, so drained again, although the new state does not say so.
    drains.becomes(1, Names.IDLE);
    drains.drained(1);
    // The daemon is done meanwhile: the new state knows of no drain.
    cluster.admin.resource(cluster.state(1)).delete();
    drains.done(1);
    drains.back(1);
  }

  /** The cordon does not wait for a slot, nor for a window to open, and takes a slot meanwhile. */
  @Test
  void ourCordonGoesWithTheNodeStateThoughThePoolHoldsDrains() {
    drains.pool("p", "maxUnavailable: 1");
    drains.nodes(1, 2);
    drains.drain(1);
    drains.drained(1);
    drains.drain(2);
    drains.pool("p", "maxUnavailable: 1, paused: true");
    operator.close();
    cluster.admin.resource(cluster.state(1)).delete();
    assertThat(drains.cordoned(1)).isTrue();

    operator = cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0");

    eventually(() -> assertThat(drains.cordoned(1)).isFalse());
    drains.back(1);
    eventually(() -> assertThat(drains.hold(2)).contains("pool p is paused"));
    assertThat(drains.cordoned(2)).isFalse();
  }

  @Test
  void aNodeThatIsNoLongerManagedIsNotLeftCordoned() {
    drains.nodes(1);
    drains.drain(1);
    drains.drained(1);

    cluster
        .admin
        .nodes()
        .withName(cluster.nodeName(1))
        .patch("{\"metadata\":{\"labels\":{\"test\":\"no\"}}}");

    eventually(() -> assertThat(drains.cordoned(1)).isFalse());
    cluster.admin.nodes().withName(cluster.nodeName(1)).delete();
  }

  @Test
  void aNodeThatIsDeletedWhileDrainingGivesItsSlotToTheNext() {
    drains.nodes(1, 2);
    drains.drain(1);
    drains.drained(1);
    drains.drain(2);

    cluster.admin.nodes().withName(cluster.nodeName(1)).delete();

    drains.drained(2);
  }

  @Test
  @Spec("02:149")
  void aNodeThatCannotBeUncordonedIsNotSaidToBeBack() {
    drains.nodes(1);
    drains.drain(1);
    drains.drained(1);
    ClusterRole role = cluster.admin.rbac().clusterRoles().withName(cluster.namespace).get();
    ClusterRole without =
        new ClusterRoleBuilder(role)
            .editMatchingRule(rule -> rule.getResources().contains("nodes"))
            .withVerbs("get", "list", "watch")
            .endRule()
            .build();
    without.getMetadata().setResourceVersion(null);
    cluster.admin.resource(without).update();
    // The authorizer learns of it through a watch of its own.
    try (KubernetesClient same = cluster.client(cluster.operatorToken(), Names.OPERATOR)) {
      eventually(() ->
          assertThatThrownBy(() ->
                  same.resource(drains.node(1)).patch(PatchContext.of(PatchType.JSON_MERGE), "{}"))
              .hasMessageContaining("cannot patch"));
    }

    drains.done(1);

    eventually(() ->
        assertThat(
                cluster.metric(
                    "controller_runtime_reconcile",
                    "controller",
                    "drain-controller",
                    "result",
                    "error"))
            .isGreaterThan(1));
    assertThat(drains.current(1)).isEqualTo(Names.DRAIN_COMPLETE);
    assertThat(drains.cordoned(1)).isTrue();

    role.getMetadata().setResourceVersion(null);
    cluster.admin.resource(role).update();
    drains.back(1);
  }

  /** In every state the operator is replaced by another; nothing is lost, nothing done twice. */
  @Test
  @Spec("02:151")
  void aRestartedOperatorGoesOnInEveryState() {
    drains.nodes(1, 2);
    operator.close();

    // Asked, not seen.
    drains.drain(1);
    restart();
    drains.drained(1);

    // Another waits for the slot.
    drains.drain(2);
    restart();
    drains.nodes(3);
    assertThat(drains.current(2)).isEqualTo(Names.IDLE);

    // Done, not released; then the waiting one is blocked while draining.
    drains.vfPod(2, "web-0");
    drains.budget("web");
    operator.close();
    drains.done(1);
    restart();
    drains.back(1);
    drains.becomes(2, Names.DRAINING);
    eventually(() -> assertThat(drains.cordoned(2)).isTrue());
    String since = annotation(cluster.state(2), Names.DRAINING_SINCE).orElseThrow();

    // Draining, its slot counts; the clock of the drain is not set back.
    drains.drain(1);
    restart();
    drains.allow("web", 1);
    drains.drained(2);
    assertThat(annotation(cluster.state(2), Names.DRAINING_SINCE)).contains(since);
    assertThat(drains.current(1)).isEqualTo(Names.IDLE);

    // Released half: uncordoned, but not said.
    operator.close();
    drains.done(2);
    drains.annotateNode(2, Names.CORDONED, null);
    drains.cordon(2, false);
    restart();
    drains.back(2);
    drains.drained(1);
  }

  /** A drain that the Go operator began is carried on, without its limit being asked again. */
  @Test
  void aDrainBegunByAnotherOperatorIsCarriedOn() {
    drains.nodes(1, 2);
    operator.close();
    drains.vfPod(1, "vf");
    for (int number : new int[] {1, 2}) {
      drains.drain(number);
      drains.annotateState(number, Map.of(Names.CURRENT_STATE, Names.DRAINING));
    }

    restart();

    drains.drained(1);
    drains.drained(2);
    assertThat(drains.exists("vf")).isFalse();
  }

  @Test
  void twoOperatorsAtOnceDoNotDisturbEachOther() {
    try (Operator unused = cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0")) {
      drains.pool("all", "");
      drains.nodes(1, 2, 3, 4);
      List.of(1, 2, 3, 4).forEach(number -> drains.vfPod(number, "vf-" + number));

      drains.drain(1, 2, 3, 4);
      List.of(1, 2, 3, 4).forEach(drains::drained);
      List.of(1, 2, 3, 4).forEach(drains::done);
      List.of(1, 2, 3, 4).forEach(drains::back);
    }
  }
}
