package io.sriov.plan.selection;

import static io.sriov.plan.selection.Facts.having;
import static io.sriov.plan.selection.Facts.node;
import static io.sriov.plan.selection.Facts.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Why a policy does not select, and what becomes of the others. */
class MissTest {

  private static List<Miss> misses(Policy policy) {
    return Selection.select(node(), List.of(policy)).outcomes().getFirst().misses();
  }

  private static Policy of(String nicSelector) {
    return policy(
        "p",
        "{resourceName: r, nodeSelector: {}, numVfs: 4, nicSelector: {%s}}".formatted(nicSelector));
  }

  @Test
  void namesTheLabelThatDiffers() {
    Policy elsewhere =
        policy(
            "p",
            "{resourceName: r, numVfs: 4, nicSelector: {vendor: '8086'},"
                + " nodeSelector: {kubernetes.io/hostname: worker2}}");

    assertThat(misses(elsewhere))
        .containsExactly(
            new Miss.NodeSelectorDiffers("kubernetes.io/hostname", "worker2", "worker1"));
  }

  @Test
  void proposesTheNearestNames() {
    assertThat(misses(of("pfNames: [ens803g1]")))
        .containsExactly(
            new Miss.PfNameUnknown("ens803g1", List.of("ens803f1", "ens803f0", "ens803f2")));
  }

  @Test
  void listsThePciAddressesThatArePresent() {
    assertThat(misses(of("rootDevices: ['0000:01:00.0']")))
        .containsExactly(
            new Miss.RootDeviceUnknown(
                "0000:01:00.0", List.of("0000:86:00.0", "0000:86:00.1", "0000:86:00.2")));
  }

  @Test
  void saysWhichVendorTheNamedPfHas() {
    assertThat(misses(of("pfNames: [ens803f1], vendor: 15b3")))
        .containsExactly(new Miss.VendorDiffers("ens803f1", "15b3", "8086"));
  }

  @Test
  void isSilentAboutOtherCardsWhenOneMatchesByItsIds() {
    assertThat(misses(of("vendor: '8086', deviceID: 158b"))).isEmpty();
    assertThat(misses(of("deviceID: '1234'")))
        .contains(new Miss.DeviceDiffers("ens803f0", "1234", "158b"))
        .hasSize(3);
  }

  @Test
  void saysWhoTookTheVfs() {
    NodeSelection selection =
        Selection.select(
            node(), List.of(policy("a", 99, 4, "ens803f1", ""), policy("b", 5, 4, "ens803f1", "")));

    assertThat(selection.outcomes().getFirst().misses())
        .containsExactly(new Miss.ShadowedBy("ens803f1", "b", 5));
  }

  @Test
  @Spec(
      value = "02:78",
      differs = "the faulty policy alone is refused, with a condition; the others are applied")
  void refusesAMalformedRangeAndAppliesTheOthers() {
    for (String range : List.of("a-c", "3", "3-1", "-1-3", "99999999999-0")) {
      NodeSelection selection =
          Selection.select(
              node(),
              List.of(
                  policy("bad", 10, 4, "ens803f0#" + range, ""),
                  policy("good", 10, 4, "ens803f1", "")));

      assertThat(selection.outcomes().getFirst().misses())
          .containsExactly(new Miss.RangeMalformed("ens803f0#" + range));
      assertThat(selection.spec().orElseThrow().interfaces())
          .singleElement()
          .extracting(entry -> entry.name())
          .isEqualTo("ens803f1");
    }
  }

  @Test
  void refusesARangeBeyondNumVfs() {
    assertThat(misses(of("pfNames: ['ens803f1#2-4']")))
        .containsExactly(new Miss.RangeBeyondNumVfs("ens803f1#2-4", 4, 4));
  }

  @Test
  void refusesMoreVfsThanTheCardHasButNotOnLargerCards() {
    Policy nine =
        policy(
            "p", "{resourceName: r, nodeSelector: {}, numVfs: 9, nicSelector: {vendor: '8086'}}");
    NodeSelection selection = Selection.select(node(), List.of(nine));

    assertThat(selection.outcomes().getFirst().misses())
        .containsExactly(new Miss.TooFewVfs("ens803f2", 9, 8));
    assertThat(selection.spec().orElseThrow().interfaces()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "eSwitchMode: switchdev, eSwitchMode, switchdev",
    "vdpaType: virtio, vdpaType, virtio",
    "linkType: IB, linkType, IB",
    "bridge: {ovs: {}}, bridge, ovs",
  })
  void refusesByNameWhatIsNotSupported(String member, String field, String value) {
    assertThat(misses(policy("p", 10, 4, "ens803f1", member)))
        .containsExactly(new Miss.NotBuilt(field, value));
  }

  @Test
  void refusesNetFilterByName() {
    assertThat(misses(of("netFilter: 'openstack/NetworkID:1'")))
        .containsExactly(new Miss.NotBuilt("nicSelector.netFilter", "openstack/NetworkID:1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ens803f1#7-9", "ens803f1#x-y"})
  void aPolicyEditedIntoAMistakeKeepsItsVfs(String mistake) {
    List<Policy> others = List.of(policy("weak", 99, 6, "ens803f1#4-5", "mtu: 1600"));
    List<Policy> before = new java.util.ArrayList<>(others);
    before.add(policy("p", 10, 4, "ens803f1#0-3", ""));
    List<Policy> after = new java.util.ArrayList<>(others);
    after.add(policy("p", 10, 8, mistake, "mtu: 9000"));
    SriovNetworkNodeStateSpec good = Selection.select(node(), before).spec().orElseThrow();

    NodeSelection held = Selection.select(having(node(), good), after);

    assertThat(held.spec()).contains(good);
    assertThat(held.outcomes().getLast().held())
        .containsExactly(
            new PolicyOutcome.Share("ens803f1", "0000:86:00.1", new VfRange(0, 3), "r-p"));
    assertThat(held.outcomes().getLast().pfs()).isEmpty();
  }

  @Test
  void aCountRaisedAboveTheCardsLimitKeepsTheVfs() {
    SriovNetworkNodeStateSpec good =
        Selection.select(node(), List.of(policy("p", 10, 4, "ens803f2", ""))).spec().orElseThrow();

    NodeSelection held =
        Selection.select(having(node(), good), List.of(policy("p", 10, 9, "ens803f2", "")));

    assertThat(held.spec()).contains(good);
  }

  @Test
  void saysItInOneStableText() {
    Map<String, PolicyOutcome> outcomes = new TreeMap<>();
    Policy policy = policy("p", 10, 4, "ens803f1", "");
    outcomes.put("worker2", Selection.select(node(), List.of(policy)).outcomes().getFirst());
    outcomes.put("worker1", Selection.select(node(), List.of(policy)).outcomes().getFirst());
    outcomes.put("worker3", Selection.select(node("{}"), List.of(policy)).outcomes().getFirst());

    assertThat(PolicySummary.of(new TreeMap<>(outcomes)))
        .isEqualTo(
            new PolicySummary(
                true,
                "PartlySelected",
                "2 PFs on 2 nodes. worker1, worker2: ens803f1 VFs 0-3. worker3: the config daemon has"
                    + " not reported its PFs yet."));
  }

  @Test
  void theReasonOfARefusalComesFirst() {
    TreeMap<String, PolicyOutcome> outcomes = new TreeMap<>();
    outcomes.put(
        "worker1",
        Selection.select(node(), List.of(policy("p", 10, 4, "nope#3", ""))).outcomes().getFirst());

    assertThat(PolicySummary.of(outcomes))
        .isEqualTo(
            new PolicySummary(
                false,
                "RangeMalformed",
                "worker1: pfNames element nope#3 is malformed: the range is written <first>-<last>,"
                    + " first not above last."));
  }

  @Test
  void withoutManagedNodesItSaysWhichLabelsMakeOne() {
    assertThat(PolicySummary.of(new TreeMap<>()))
        .returns("NoManagedNodes", PolicySummary::reason)
        .extracting(PolicySummary::message)
        .asString()
        .contains("node-role.kubernetes.io/worker", "configDaemonNodeSelector");
  }

  @Test
  void aPolicyForNoNodeSaysWhichLabelIsMissing() {
    TreeMap<String, PolicyOutcome> outcomes = new TreeMap<>();
    Policy elsewhere =
        policy(
            "p",
            "{resourceName: r, numVfs: 4, nicSelector: {vendor: '8086'}, nodeSelector: {nic: fast}}");
    outcomes.put("worker1", Selection.select(node(), List.of(elsewhere)).outcomes().getFirst());

    assertThat(PolicySummary.of(outcomes))
        .isEqualTo(
            new PolicySummary(
                false,
                "NodeSelectorDiffers",
                "nodeSelector matches none of 1 managed node. worker1: no label nic (wanted"
                    + " \"fast\")."));
  }
}
