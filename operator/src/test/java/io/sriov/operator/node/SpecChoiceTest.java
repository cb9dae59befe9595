package io.sriov.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.Names;
import io.sriov.api.OnFailure;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SpecChoiceTest {

  private static final SriovNetworkNodeStateSpec TWO = vfs(2);
  private static final SriovNetworkNodeStateSpec FIVE = vfs(5);
  private static final SriovNetworkNodeStateSpec SIX = vfs(6);

  private static SriovNetworkNodeStateSpec vfs(int count) {
    return Serialization.unmarshal(
        "interfaces: [{pciAddress: '0000:01:00.0', numVfs: " + count + "}]",
        SriovNetworkNodeStateSpec.class);
  }

  /** A node state as it is at the API server, with what the node says about it. */
  private static SriovNetworkNodeState state(
      SriovNetworkNodeStateSpec spec, String ready, Map<String, String> annotations) {
    SriovNetworkNodeState state =
        Serialization.unmarshal(
            """
            apiVersion: sriovnetwork.openshift.io/v1
            kind: SriovNetworkNodeState
            metadata: {name: n, namespace: ns, generation: 4}
            status: {lastSyncError: "sriov_numvfs: EBUSY", conditions: [%s]}
            """
                .formatted(ready),
            SriovNetworkNodeState.class);
    state.setSpec(spec);
    state.getMetadata().setAnnotations(annotations);
    return state;
  }

  private static final String GOOD = "{type: Ready, status: 'True', observedGeneration: 4}";
  private static final String FAILED =
      "{type: Ready, status: 'False', reason: Failed, observedGeneration: 4}";
  private static final String OLD_FAILURE = FAILED.replace("4", "3");
  private static final String WAITS = FAILED.replace("reason: Failed", "reason: VFsInUse");

  private static SpecChoice choose(
      SriovNetworkNodeState state, SriovNetworkNodeStateSpec wanted, OnFailure onFailure) {
    return SpecChoice.of(state, wanted, "resources of now", onFailure);
  }

  private static String json(SriovNetworkNodeStateSpec spec) {
    return Serialization.asJson(spec);
  }

  private static Map<String, String> good(SriovNetworkNodeStateSpec spec) {
    return Map.of(Names.LAST_GOOD_SPEC, json(spec), Names.LAST_GOOD_RESOURCES, "resources of then");
  }

  private static Map<String, String> rolledBack(
      SriovNetworkNodeStateSpec good, SriovNetworkNodeStateSpec failed) {
    Map<String, String> annotations = new TreeMap<>(good(good));
    annotations.put(Names.ROLLED_BACK, SpecChoice.hash(failed));
    return annotations;
  }

  @Test
  void whatWorkedIsKeptWithItsResources() {
    SpecChoice choice = choose(state(TWO, GOOD, Map.of()), TWO, OnFailure.STOP);

    assertThat(choice.spec()).isEqualTo(TWO);
    assertThat(choice.stopped()).isEmpty();
    assertThat(choice.annotations())
        .isEqualTo(
            Map.of(Names.LAST_GOOD_SPEC, json(TWO), Names.LAST_GOOD_RESOURCES, "resources of now"));
  }

  @Test
  void withoutItsResourcesASpecIsNoneToReturnTo() {
    Map<String, String> half = Map.of(Names.LAST_GOOD_SPEC, json(TWO));

    SpecChoice choice = choose(state(FIVE, FAILED, half), FIVE, OnFailure.ROLLBACK);

    assertThat(choice.spec()).isEqualTo(FIVE);
    assertThat(choice.annotations()).isEmpty();
  }

  @Test
  void whatIsKnownToWorkIsNotWrittenAgain() {
    Map<String, String> known =
        Map.of(Names.LAST_GOOD_SPEC, json(TWO), Names.LAST_GOOD_RESOURCES, "resources of now");

    assertThat(choose(state(TWO, GOOD, known), TWO, OnFailure.STOP).annotations()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(OnFailure.class)
  void aChangeIsWrittenWhateverTheOldSpecCameTo(OnFailure onFailure) {
    for (String ready : new String[] {GOOD, FAILED, OLD_FAILURE, WAITS, ""}) {
      SpecChoice choice = choose(state(FIVE, ready, good(TWO)), SIX, onFailure);

      assertThat(choice.spec()).isEqualTo(SIX);
      assertThat(choice.annotations()).isEmpty();
      assertThat(choice.stopped()).isEmpty();
    }
  }

  @Test
  void byDefaultAFailureStaysAndIsSaid() {
    SpecChoice choice = choose(state(FIVE, FAILED, good(TWO)), FIVE, OnFailure.STOP);

    assertThat(choice.spec()).isEqualTo(FIVE);
    assertThat(choice.annotations()).isEmpty();
    assertThat(choice.stopped())
        .contains(
            new SpecChoice.Stopped("ApplyFailed", "the wanted spec failed: sriov_numvfs: EBUSY"));
  }

  @Test
  void aPoolThatAsksForItGetsTheLastSpecThatWorkedAndItsResources() {
    SpecChoice choice = choose(state(FIVE, FAILED, good(TWO)), FIVE, OnFailure.ROLLBACK);

    assertThat(choice.spec()).isEqualTo(TWO);
    assertThat(choice.resources()).isEqualTo("resources of then");
    assertThat(choice.annotations()).isEqualTo(Map.of(Names.ROLLED_BACK, SpecChoice.hash(FIVE)));
    assertThat(choice.stopped())
        .contains(
            new SpecChoice.Stopped(
                "RolledBack",
                "returned to the last spec that worked, because the wanted one failed:"
                    + " sriov_numvfs: EBUSY"));
  }

  @ParameterizedTest
  @EnumSource(OnFailure.class)
  void itStaysThereUntilSomethingElseIsWanted(OnFailure onFailure) {
    SriovNetworkNodeState returned = state(TWO, GOOD, rolledBack(TWO, FIVE));

    SpecChoice still = choose(returned, FIVE, onFailure);
    SpecChoice other = choose(returned, SIX, onFailure);

    assertThat(still.spec()).isEqualTo(TWO);
    assertThat(still.resources()).isEqualTo("resources of then");
    assertThat(still.annotations()).isEmpty();
    assertThat(still.stopped()).isPresent();
    assertThat(other.spec()).isEqualTo(SIX);
    assertThat(other.annotations()).hasSize(1).containsEntry(Names.ROLLED_BACK, null);
    assertThat(other.stopped()).isEmpty();
  }

  @Test
  void whatWentWrongIsRememberedWhileTheNodeReportsSuccessAgain() {
    String before =
        GOOD + ", {type: RolloutStopped, status: 'True', reason: RolledBack, message: EBUSY then}";

    assertThat(
            choose(state(TWO, before, rolledBack(TWO, FIVE)), FIVE, OnFailure.ROLLBACK).stopped())
        .contains(new SpecChoice.Stopped("RolledBack", "EBUSY then"));
  }

  @Test
  void ifTheOldSpecFailsTooNothingElseIsTried() {
    SpecChoice choice = choose(state(TWO, FAILED, rolledBack(TWO, FIVE)), FIVE, OnFailure.ROLLBACK);

    assertThat(choice.spec()).isEqualTo(TWO);
    assertThat(choice.stopped()).map(SpecChoice.Stopped::reason).contains("RollbackFailed");
  }

  @ParameterizedTest
  @CsvSource({"''", "'{not json'", "'{\"interfaces\":[]'"})
  void withoutASpecThatWorkedTheFailureStays(String lastGood) {
    Map<String, String> annotations =
        lastGood.isEmpty()
            ? Map.of()
            : Map.of(
                Names.LAST_GOOD_SPEC, lastGood, Names.LAST_GOOD_RESOURCES, "resources of then");

    SpecChoice choice = choose(state(FIVE, FAILED, annotations), FIVE, OnFailure.ROLLBACK);

    assertThat(choice.spec()).isEqualTo(FIVE);
    assertThat(choice.stopped())
        .map(SpecChoice.Stopped::text)
        .hasValueSatisfying(
            text -> assertThat(text).endsWith("there is no earlier spec that worked to return to"));
  }

  @Test
  void aSpecThatOnceWorkedAndFailsNowIsNotReplacedByItself() {
    SpecChoice choice = choose(state(FIVE, FAILED, good(FIVE)), FIVE, OnFailure.ROLLBACK);

    assertThat(choice.spec()).isEqualTo(FIVE);
    assertThat(choice.annotations()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "GOOD, '{type: Ready, status: ''True'', observedGeneration: 4}', Succeeded",
    "PENDING, '{type: Ready, status: ''True'', observedGeneration: 3}', Succeeded",
    "FAILED, '{type: Ready, status: ''False'', reason: Failed, observedGeneration: 4}', InProgress",
    "FAILED, '{type: Ready, status: ''False'', reason: RebootLoop, observedGeneration: 4}', Failed",
    "PENDING, '{type: Ready, status: ''False'', reason: VFsInUse, observedGeneration: 4}', Failed",
    "FAILED, '', Failed",
    "PENDING, '', Succeeded",
    "PENDING, '', InProgress",
  })
  void whatANodeSaysIsAboutOneSpec(Applied applied, String ready, String syncStatus) {
    SriovNetworkNodeState state =
        Serialization.unmarshal(
            """
            apiVersion: sriovnetwork.openshift.io/v1
            kind: SriovNetworkNodeState
            metadata: {name: n, namespace: ns, generation: 4}
            status: {syncStatus: %s, conditions: [%s]}
            """
                .formatted(syncStatus, ready),
            SriovNetworkNodeState.class);

    assertThat(Applied.of(state)).isEqualTo(applied);
  }

  @Test
  void aNodeThatHasSaidNothingIsPending() {
    @Nullable SriovNetworkNodeState state = new SriovNetworkNodeState();

    assertThat(Applied.of(state)).isEqualTo(Applied.PENDING);
  }
}
