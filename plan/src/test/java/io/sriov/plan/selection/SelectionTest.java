package io.sriov.plan.selection;

import static io.sriov.plan.selection.Facts.node;
import static io.sriov.plan.selection.Facts.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Order and merge of policies on one node, spec 01 §4.3 to §4.5. */
class SelectionTest {

  private static List<Interface> desired(Policy... policies) {
    return desired(node(), policies);
  }

  private static List<Interface> desired(NodeFacts node, Policy... policies) {
    return Selection.select(node, List.of(policies)).spec().orElseThrow().interfaces();
  }

  private static Interface only(Policy... policies) {
    assertThat(desired(policies)).hasSize(1);
    return desired(policies).getFirst();
  }

  /** {@code policy range} of each group in order. */
  private static List<String> groups(Interface entry) {
    return entry.vfGroups().stream().map(g -> g.policyName() + " " + g.vfRange()).toList();
  }

  @Test
  @Spec("01:86")
  void takesTheWholePfWhereNoRangeIsGiven() {
    assertThat(only(policy("p", 10, 2, "ens803f1", "mtu: 1500")))
        .isEqualTo(
            new Interface(
                "0000:86:00.1",
                2,
                1500,
                "ens803f1",
                null,
                null,
                false,
                List.of(new VfGroup("r-p", null, "0-1", "p", 1500, false, null))));
  }

  @Test
  @Spec("01:85")
  void keepsOrderOfApplicationForDifferentPfs() {
    assertThat(
            desired(policy("strong", 1, 2, "ens803f0", ""), policy("weak", 99, 2, "ens803f1", "")))
        .extracting(Interface::name)
        .containsExactly("ens803f1", "ens803f0");
  }

  @Test
  @Spec("01:87")
  @Spec("02:75")
  @Spec("02:72")
  void lowerNumberWinsWholePfWithItsOwnCountAndMtu() {
    Interface entry =
        only(
            policy("a", 99, 10, "ens803f1", "mtu: 9000"),
            policy("b", 50, 4, "ens803f1", "mtu: 1500"));

    assertThat(groups(entry)).containsExactly("b 0-3");
    assertThat(entry.numVfs()).isEqualTo(4);
    assertThat(entry.mtu()).isEqualTo(1500);
  }

  @Test
  @Spec("01:88")
  @Spec("02:73")
  void equalPriorityKeepsTheLastNameButTheMaxima() {
    Interface entry =
        only(
            policy("a", 99, 10, "ens803f1", "mtu: 9000"),
            policy("b", 99, 4, "ens803f1", "mtu: 1500"));

    assertThat(groups(entry)).containsExactly("b 0-3");
    assertThat(entry.numVfs()).isEqualTo(10);
    assertThat(entry.mtu()).isEqualTo(9000);
  }

  @Test
  @Spec("01:89")
  void equalPriorityWithDisjointRangesKeepsBothNewestFirst() {
    Interface entry =
        only(
            policy("a", 99, 4, "ens803f1#0-1", "mtu: 9000"),
            policy("b", 99, 8, "ens803f1#2-3", "mtu: 1500"));

    assertThat(groups(entry)).containsExactly("b 2-3", "a 0-1");
    assertThat(entry.numVfs()).isEqualTo(8);
    assertThat(entry.mtu()).isEqualTo(9000);
    assertThat(entry.vfGroups()).extracting(VfGroup::mtu).containsExactly(1500, 9000);
  }

  @Test
  @Spec("01:90")
  @Spec("02:74")
  void differentPriorityWithDisjointRangesKeepsBothAndTheMaxima() {
    Interface entry =
        only(
            policy("a", 99, 10, "ens803f1#0-1", "mtu: 9000"),
            policy("b", 50, 8, "ens803f1#2-3", "mtu: 1500"));

    assertThat(groups(entry)).containsExactly("b 2-3", "a 0-1");
    assertThat(entry.numVfs()).isEqualTo(10);
    assertThat(entry.mtu()).isEqualTo(9000);
  }

  @Test
  @Spec("01:91")
  void aRangeOverTwoOlderOnesDropsBoth() {
    Interface entry =
        only(
            policy("a", 99, 2, "ens803f1#0-0", ""),
            policy("b", 98, 2, "ens803f1#1-1", ""),
            policy("c", 10, 2, "ens803f1#0-1", ""));

    assertThat(groups(entry)).containsExactly("c 0-1");
  }

  @Test
  @Spec("01:92")
  @Spec("02:76")
  void onePoolHasOneGroupOnAPf() {
    String pool =
        "{resourceName: x, nodeSelector: {}, priority: 99, numVfs: %d, nicSelector: {pfNames: ['%s']}}";

    Interface entry =
        only(
            policy("a", pool.formatted(9, "ens803f1#0-3")),
            policy("b", pool.formatted(8, "ens803f1#4-7")));

    assertThat(groups(entry)).containsExactly("b 4-7");
    assertThat(entry.numVfs()).isEqualTo(9);
  }

  @Test
  @Spec("01:95")
  void aPolicyWithoutVfsOnlyLendsItsPriority() {
    Policy a = policy("a", 99, 10, "ens803f1", "");
    Policy none = policy("b", 50, 0, "ens803f1", "");
    Policy c = policy("c", 50, 4, "ens803f1", "");

    assertThat(only(a, none)).isEqualTo(only(a));
    assertThat(only(a, c).numVfs()).isEqualTo(4);
    assertThat(only(a, none, c).numVfs()).isEqualTo(10);
  }

  @Test
  @Spec("01:96")
  void theLaterPolicyDecidesLinkType() {
    assertThat(
            only(
                    policy("b", 99, 4, "ens803f1", "linkType: eth"),
                    policy("a", 99, 4, "ens803f1", "linkType: ETH"))
                .linkType())
        .isEqualTo("eth");
  }

  @Test
  @Spec("01:97")
  void theLaterPolicyOverridesEvenWithAnAbsentValue() {
    assertThat(
            only(
                    policy(
                        "a", 99, 4, "ens803f1#0-1", "eSwitchMode: legacy, externallyManaged: true"),
                    policy("b", 50, 4, "ens803f1#2-3", ""))
                .eSwitchMode())
        .isNull();
  }

  @Test
  @Spec("01:98")
  void onlyTheFirstRangeOfAPfIsConfiguredAndTheOtherIsNamed() {
    Policy twice =
        policy(
            "p",
            "{resourceName: r, nodeSelector: {}, numVfs: 8,"
                + " nicSelector: {pfNames: ['ens803f1#0-1', 'ens803f1#4-5']}}");

    assertThat(groups(only(twice))).containsExactly("p 0-1");
    assertThat(Selection.select(node(), List.of(twice)).outcomes().getFirst().misses())
        .containsExactly(new Miss.FurtherRange("ens803f1", "4-5"));
  }

  @Test
  @Spec("01:99")
  @Spec("02:81")
  void honoursTheRangeOfAnAlternativeName() {
    assertThat(groups(only(policy("p", 10, 8, "alt0#2-3", "")))).containsExactly("p 2-3");
  }

  @Test
  @Spec("01:94")
  @Spec("02:77")
  void anEmptyNicSelectorSelectsNothing() {
    NodeSelection selection =
        Selection.select(
            node(),
            List.of(
                policy("p", "{resourceName: r, nodeSelector: {}, numVfs: 4, nicSelector: {}}")));

    assertThat(selection.spec().orElseThrow().interfaces()).isEmpty();
    assertThat(selection.outcomes().getFirst().misses())
        .containsExactly(new Miss.NicSelectorEmpty());
  }

  @Test
  @Spec("01:102")
  @Spec("02:79")
  void thePolicyNamedDefaultIsIgnored() {
    NodeSelection selection =
        Selection.select(node(), List.of(policy("default", 0, 4, "ens803f1", "")));

    assertThat(selection.spec().orElseThrow().interfaces()).isEmpty();
    assertThat(selection.outcomes()).isEmpty();
  }

  @Test
  @Spec("02:70")
  @Spec("01:100")
  void leavesTheSpecAloneUntilTheNodeHasReportedItsPfs() {
    NodeSelection selection =
        Selection.select(node("{}"), List.of(policy("p", 10, 4, "ens803f1", "")));

    assertThat(selection.spec()).isEmpty();
    assertThat(selection.outcomes().getFirst().misses()).containsExactly(new Miss.NoInventory());
  }

  @Test
  void withoutPolicyNothingIsWanted() {
    assertThat(Selection.select(node(), List.of()).spec())
        .contains(SriovNetworkNodeStateSpec.EMPTY);
  }

  @Test
  void twoWeakPoliciesGiveWayToAWholePfPolicyOfEqualPriorityToOne() {
    // The worked example of spec 01 §4.4.1: both legacy, since switchdev is refused.
    Interface entry =
        only(
            policy("a", 99, 10, "ens803f1#0-1", "mtu: 9000, eSwitchMode: legacy"),
            policy("b", 50, 8, "ens803f1#2-3", "mtu: 1500, eSwitchMode: legacy"),
            policy("c", 50, 4, "ens803f1", ""));

    assertThat(entry.numVfs()).isEqualTo(10);
    assertThat(entry.mtu()).isEqualTo(9000);
    assertThat(entry.eSwitchMode()).isNull();
    assertThat(groups(entry)).containsExactly("c 0-3");
  }

  @Test
  void everySelectorCriterionMustHold() {
    String spec =
        "{resourceName: r, nodeSelector: {}, numVfs: 2, nicSelector: {vendor: '8086', deviceID: 158b,"
            + " rootDevices: ['0000:86:00.0', '0000:86:00.2'], pfNames: [ens803f0, ens803f1]}}";

    assertThat(desired(policy("p", spec))).extracting(Interface::name).containsExactly("ens803f0");
  }

  @Test
  void anAbsentPriorityIsTheStrongest() {
    Policy absent =
        policy(
            "a",
            "{resourceName: r, nodeSelector: {}, numVfs: 3, nicSelector: {pfNames: [ens803f1]}}");

    assertThat(groups(only(absent, policy("b", 1, 5, "ens803f1", "")))).containsExactly("a 0-2");
  }

  @Test
  void namesWithOddRangesAreReadAsUpstreamDoes() {
    assertThat(Stream.of("ens803f1#0-3-9", "ens803f1#", "ens803f1#0-3#7").map(this::rangeOf))
        .containsExactly("0-3", "0-7", "0-3");
  }

  private String rangeOf(String pfName) {
    return only(policy("p", 10, 8, pfName, "")).vfGroups().getFirst().vfRange();
  }
}
