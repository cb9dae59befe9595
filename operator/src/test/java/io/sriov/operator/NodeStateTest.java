package io.sriov.operator;

import static io.sriov.operator.TestCluster.ONE_PF;
import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodePolicy;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.testkit.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Node states, labels and the plugin's configuration, on a real API server under the chart's roles.
 */
class NodeStateTest {

  private static final String FOUR_VFS =
      "resourceName: r, nodeSelector: {}, numVfs: 4, nicSelector: {pfNames: [enp1s0]}";

  private TestCluster cluster;

  @BeforeEach
  void start() {
    cluster = new TestCluster();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  @Spec("02:58")
  @Spec("02:128")
  void aNodeWithoutPolicyGetsAnEmptyStateAndIsDisabled() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);

    eventually(() -> {
      SriovNetworkNodeState state = cluster.state(1);
      assertThat(state.getSpec()).isNull();
      assertThat(state.getMetadata().getAnnotations())
          .containsEntry(Names.DESIRED_STATE, "Idle")
          .containsEntry(Names.CURRENT_STATE, "Idle");
      assertThat(state.getMetadata().getOwnerReferences())
          .singleElement()
          .returns("SriovOperatorConfig", OwnerReference::getKind)
          .returns(true, OwnerReference::getController)
          .returns(true, OwnerReference::getBlockOwnerDeletion);
      assertThat(cluster.label(1)).contains("Disabled");
      assertThat(cluster.pluginConfig())
          .containsEntry(cluster.nodeName(1), "{\"resourceList\":null}");
      assertThat(
              cluster
                  .admin
                  .nodes()
                  .withName(cluster.nodeName(1))
                  .get()
                  .getMetadata()
                  .getAnnotations())
          .containsEntry(Names.NODE_STATE, "Idle");
    });
  }

  @Test
  @Spec("02:59")
  @Spec(value = "01:100", differs = "the report itself is the event, not the next resync")
  void aReportedPfIsConfiguredAtOnceAndThePolicySaysSo() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.policy("p", FOUR_VFS);
    eventually(() -> assertThat(selected("p")).returns("NoInventory", Condition::getReason));
    assertThat(cluster.state(1).getSpec()).isNull();

    cluster.report(1, ONE_PF);

    eventually(() -> {
      assertThat(cluster.state(1).getSpec().interfaces())
          .singleElement()
          .satisfies(pf -> {
            assertThat(pf.numVfs()).isEqualTo(4);
            assertThat(pf.vfGroups()).singleElement().returns("0-3", g -> g.vfRange());
          });
      assertThat(cluster.label(1)).contains("Enabled");
      assertThat(cluster.pluginConfig().get(cluster.nodeName(1)))
          .isEqualTo(
              "{\"resourceList\":[{\"resourceName\":\"r\",\"selectors\":{\"pfNames\":[\"enp1s0\"],"
                  + "\"IsRdma\":false,\"NeedVhostNet\":false},\"SelectorObj\":null}]}");
      assertThat(selected("p"))
          .returns("True", Condition::getStatus)
          .returns("Selected", Condition::getReason)
          .returns(
              "1 PF on 1 node. " + cluster.nodeName(1) + ": enp1s0 VFs 0-3.",
              Condition::getMessage);
    });
  }

  @Test
  void aNodeThatReportedItsPfsIsToldThatNothingIsWanted() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);

    cluster.report(1, ONE_PF);

    eventually(() -> assertThat(cluster.state(1).getSpec().interfaces()).isEmpty());
  }

  @Test
  @Spec("01:101")
  void withoutItsLastPolicyANodeWantsNothing() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.report(1, ONE_PF);
    HasMetadata policy = cluster.policy("p", FOUR_VFS);
    eventually(() -> assertThat(cluster.label(1)).contains("Enabled"));

    cluster.admin.resource(policy).delete();

    eventually(() -> {
      assertThat(cluster.state(1).getSpec().interfaces()).isEmpty();
      assertThat(cluster.label(1)).contains("Disabled");
    });
  }

  @Test
  void onlyTheNodeThatThePolicyNamesIsConfigured() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    for (int i : List.of(1, 2)) {
      cluster.node(i);
      cluster.report(i, ONE_PF);
    }

    cluster.policy(
        "p", FOUR_VFS.replace("{}", "{kubernetes.io/hostname: " + cluster.nodeName(2) + "}"));

    eventually(() -> assertThat(cluster.label(2)).contains("Enabled"));
    eventually(() -> assertThat(selected("p")).returns("Selected", Condition::getReason));
    assertThat(cluster.state(1).getSpec().interfaces()).isEmpty();
    assertThat(cluster.label(1)).contains("Disabled");
  }

  @Test
  void aFaultyPolicyIsNamedAndTheOtherApplied() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.report(1, ONE_PF);

    cluster.policy("toomany", FOUR_VFS.replace("numVfs: 4", "numVfs: 8"));
    cluster.policy("unknown", FOUR_VFS.replace("enp1s0", "enp1s1"));
    cluster.policy("beyond", FOUR_VFS.replace("[enp1s0]", "['enp1s0#2-4']"));
    cluster.policy("switchdev", FOUR_VFS + ", eSwitchMode: switchdev");
    cluster.policy("zgood", FOUR_VFS.replace("numVfs: 4", "numVfs: 2"));

    eventually(() -> {
      assertThat(selected("toomany"))
          .returns("TooFewVfs", Condition::getReason)
          .returns(
              cluster.nodeName(1) + ": numVfs is 8 but PF enp1s0 can have 7.",
              Condition::getMessage);
      assertThat(selected("unknown").getMessage())
          .contains("no PF is named enp1s1 (nearest: enp1s0)");
      assertThat(selected("beyond")).returns("RangeBeyondNumVfs", Condition::getReason);
      assertThat(selected("switchdev"))
          .returns("NotSupported", Condition::getReason)
          .returns("False", Condition::getStatus);
      assertThat(cluster.state(1).getSpec().interfaces())
          .singleElement()
          .returns(2, pf -> pf.numVfs());
    });
  }

  @Test
  @Spec("01:104")
  @Spec("02:71")
  void nothingIsWrittenWhenNothingChanges() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.report(1, ONE_PF);
    cluster.policy("p", FOUR_VFS);
    eventually(() -> assertThat(selected("p")).returns("Selected", Condition::getReason));
    String stateVersion = cluster.state(1).getMetadata().getResourceVersion();
    String policyVersion = policy("p").getMetadata().getResourceVersion();

    // A second operator makes a full pass over everything, as a restart would.
    cluster.operator();
    cluster.node(2);

    eventually(() -> assertThat(cluster.pluginConfig()).containsKey(cluster.nodeName(2)));
    eventually(() -> assertThat(selected("p").getMessage()).contains(cluster.nodeName(2)));
    assertThat(cluster.state(1).getMetadata().getResourceVersion()).isEqualTo(stateVersion);
    assertThat(policy("p").getMetadata().getResourceVersion()).isNotEqualTo(policyVersion);
  }

  @Test
  @Spec("02:69")
  @Spec("01:107")
  void withoutConfigurationThereAreNoStatesAndThenTheyAppear() {
    cluster.operator();
    cluster.node(1);
    cluster.policy("p", FOUR_VFS);
    // An unrelated controller has had its turn, so the node has had it too.
    assertThat(cluster.state(1)).isNull();

    cluster.config(cluster.nodeSelector());

    eventually(() -> assertThat(cluster.state(1)).isNotNull());
  }

  @Test
  @Spec("01:108")
  void withoutASelectorLinuxWorkersAreManaged() {
    cluster.operator();
    cluster.node(
        cluster.nodeName(1),
        Map.of(
            "test",
            cluster.namespace,
            "node-role.kubernetes.io/worker",
            "",
            "kubernetes.io/os",
            "linux"));
    cluster.node(2);

    cluster.config("");

    eventually(() -> assertThat(cluster.state(1)).isNotNull());
    eventually(() -> assertThat(cluster.pluginConfig()).containsKey(cluster.nodeName(1)));
    assertThat(cluster.pluginConfig()).doesNotContainKey(cluster.nodeName(2));
  }

  @Test
  @Spec("02:61")
  @Spec("01:109")
  @Spec("01:131")
  void theStateOfADeletedNodeGoesAtOnceWhenNoDelayIsWanted() {
    cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0");
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.node(2);
    eventually(() -> assertThat(cluster.pluginConfig()).hasSize(2));

    cluster.admin.nodes().withName(cluster.nodeName(1)).delete();

    eventually(() -> {
      assertThat(cluster.state(1)).isNull();
      assertThat(cluster.pluginConfig()).containsOnlyKeys(cluster.nodeName(2));
    });
  }

  @Test
  @Spec("02:60")
  @Spec("01:113")
  void aNodeThatLosesItsLabelLosesThePluginToo() {
    cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "0");
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    eventually(() -> assertThat(cluster.label(1)).contains("Disabled"));

    eventually(() ->
        cluster
            .admin
            .nodes()
            .withName(cluster.nodeName(1))
            .edit(n -> {
              n.getMetadata().getLabels().put("test", "no");
              return n;
            }));

    eventually(() -> {
      assertThat(cluster.label(1)).isEmpty();
      assertThat(cluster.state(1)).isNull();
    });
    cluster.admin.nodes().withName(cluster.nodeName(1)).delete();
  }

  @Test
  @Spec("02:62")
  @Spec("01:110")
  @Spec("02:68")
  @Spec("01:114")
  void aNodeThatReturnsInTimeFindsItsStateAgain() {
    cluster.operator("STALE_NODE_STATE_CLEANUP_DELAY_MINUTES", "5");
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    eventually(() -> assertThat(cluster.state(1)).isNotNull());
    String uid = cluster.state(1).getMetadata().getUid();

    cluster.admin.nodes().withName(cluster.nodeName(1)).delete();
    eventually(() ->
        assertThat(
                Instant.parse(
                    cluster.state(1).getMetadata().getAnnotations().get(Names.KEEP_STATE_UNTIL)))
            .isBetween(
                Instant.now().plus(Duration.ofMinutes(4)),
                Instant.now().plus(Duration.ofMinutes(5))));
    cluster.node(1);

    eventually(() ->
        assertThat(cluster.state(1).getMetadata().getAnnotations())
            .doesNotContainKey(Names.KEEP_STATE_UNTIL));
    assertThat(cluster.state(1).getMetadata().getUid()).isEqualTo(uid);
  }

  @Test
  @Spec("01:105")
  void aStateOwnedBySomethingElseIsTakenOver() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    eventually(() -> assertThat(cluster.state(1)).isNotNull());

    cluster
        .admin
        .resource(cluster.state(1))
        .edit(s -> {
          s.getMetadata().getOwnerReferences().getFirst().setName("other");
          s.getMetadata().getOwnerReferences().getFirst().setUid("0");
          return s;
        });

    eventually(() ->
        assertThat(cluster.state(1).getMetadata().getOwnerReferences())
            .singleElement()
            .returns("default", OwnerReference::getName));
  }

  @Test
  void whatIsEditedByHandIsPutRight() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.report(1, ONE_PF);
    cluster.policy("p", FOUR_VFS);
    eventually(() -> assertThat(cluster.label(1)).contains("Enabled"));

    cluster
        .admin
        .configMaps()
        .inNamespace(cluster.namespace)
        .withName(Names.DEVICE_PLUGIN_CONFIG_MAP)
        .delete();
    cluster.admin.resource(cluster.state(1)).delete();

    eventually(() -> assertThat(cluster.pluginConfig()).containsKey(cluster.nodeName(1)));
    cluster.report(1, ONE_PF);
    eventually(() -> assertThat(cluster.state(1).getSpec().interfaces()).hasSize(1));
  }

  @Test
  @Spec("01:103")
  void aPolicyInAnotherNamespaceIsIgnored() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.report(1, ONE_PF);
    cluster.apply("SriovNetworkNodePolicy", "p-" + cluster.namespace, "default", FOUR_VFS);
    cluster.policy("here", FOUR_VFS.replace("numVfs: 4", "numVfs: 3"));

    eventually(() -> assertThat(selected("here")).returns("Selected", Condition::getReason));
    assertThat(cluster.state(1).getSpec().interfaces())
        .singleElement()
        .returns(3, pf -> pf.numVfs());
  }

  @Test
  void aPolicyNamedDefaultSaysThatItIsNeverApplied() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    cluster.report(1, ONE_PF);
    cluster.policy("default", FOUR_VFS);

    eventually(() ->
        assertThat(selected("default"))
            .returns("False", Condition::getStatus)
            .returns("ReservedName", Condition::getReason));
    assertThat(cluster.state(1).getSpec().interfaces()).isEmpty();
  }

  @Test
  void manyNodesShareOneConfigMapWithoutUndoingEachOther() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    IntStream.rangeClosed(1, 60).forEach(cluster::node);

    eventually(() -> assertThat(cluster.pluginConfig()).hasSize(60));
    cluster.policy("p", FOUR_VFS);
    eventually(() ->
        assertThat(cluster.pluginConfig().values())
            .hasSize(60)
            .allMatch(json -> json.contains("\"r\"")));
    eventually(() ->
        assertThat(selected("p").getMessage())
            .contains(" and 55 more: the config daemon has not reported its PFs yet"));
  }

  private SriovNetworkNodePolicy policy(String name) {
    return cluster
        .admin
        .resources(SriovNetworkNodePolicy.class)
        .inNamespace(cluster.namespace)
        .withName(name)
        .get();
  }

  private Condition selected(String policy) {
    return policy(policy).getStatus().conditions().stream()
        .filter(c -> c.getType().equals("Selected"))
        .findFirst()
        .orElseThrow();
  }
}
