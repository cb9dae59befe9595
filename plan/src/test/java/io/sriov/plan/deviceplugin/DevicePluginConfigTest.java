package io.sriov.plan.deviceplugin;

import static io.sriov.plan.selection.Facts.having;
import static io.sriov.plan.selection.Facts.node;
import static io.sriov.plan.selection.Facts.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.plan.selection.NodeFacts;
import io.sriov.plan.selection.Policy;
import io.sriov.plan.selection.Selection;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Spec 01 §5, byte for byte. */
class DevicePluginConfigTest {

  private static final SupportedNics NICS =
      SupportedNics.parse(
          Map.of(
              "Intel_i40e_25G_SFP28", "8086 158b 154c",
              "Odd_one", "abcd 158b 9999",
              "Nvidia_mlx5_ConnectX-6_Dx", "15b3 101d 101e"));

  private static DevicePluginConfig config(NodeFacts node, Policy... policies) {
    List<Policy> all = List.of(policies);
    return DevicePluginConfig.of(node, all, Selection.select(node, all), NICS);
  }

  private static String json(Policy... policies) {
    return config(node(), policies).json();
  }

  private static Policy of(String name, String members) {
    return policy(name, "{resourceName: r, nodeSelector: {}, numVfs: 4, %s}".formatted(members));
  }

  /** The document for one resource {@code r} with these selector members. */
  private static String selectors(String members) {
    return "{\"resourceList\":[{\"resourceName\":\"r\",\"selectors\":{"
        + members
        + "},\"SelectorObj\":null}]}";
  }

  private static final String NO_FLAGS = "\"IsRdma\":false,\"NeedVhostNet\":false";

  @Test
  @Spec("01:120")
  void aNodeWithoutPolicyHasNoList() {
    assertThat(config(node())).isEqualTo(new DevicePluginConfig("{\"resourceList\":null}"));
    assertThat(config(node()).offersResources()).isFalse();
  }

  @Test
  @Spec("01:121")
  void aPolicyThatSelectsNoPfStillMakesAResource() {
    assertThat(config(node(), of("p", "nicSelector: {pfNames: ['ens1f0#0-3']}")))
        .isEqualTo(new DevicePluginConfig(selectors("\"pfNames\":[\"ens1f0#0-3\"]," + NO_FLAGS)));
  }

  @Test
  @Spec("01:122")
  @Spec("02:87")
  void excludedTopologyStandsBeforeTheSelectors() {
    assertThat(json(of("p", "excludeTopology: true, nicSelector: {pfNames: [ens803f1]}")))
        .isEqualTo(
            "{\"resourceList\":[{\"resourceName\":\"r\",\"excludeTopology\":true,\"selectors\":"
                + "{\"pfNames\":[\"ens803f1\"],"
                + NO_FLAGS
                + "},\"SelectorObj\":null}]}");
  }

  @Test
  @Spec("01:123")
  @Spec("02:84")
  void cardsOfTwoVendorsShareAPoolWithoutDrivers() {
    assertThat(
            json(
                of(
                    "a",
                    "priority: 10, deviceType: vfio-pci, nicSelector: {vendor: '8086', rootDevices:"
                        + " ['0000:86:00.0']}"),
                of(
                    "b",
                    "priority: 10, deviceType: netdevice, nicSelector: {vendor: 15b3, rootDevices:"
                        + " ['0000:86:00.1']}")))
        .isEqualTo(
            selectors(
                "\"vendors\":[\"8086\",\"15b3\"],\"rootDevices\":[\"0000:86:00.0\",\"0000:86:00.1\"],"
                    + NO_FLAGS));
  }

  @Test
  @Spec("01:124")
  @Spec("02:83")
  void twoPoolsOnOnePfAreTwoResources() {
    String shape =
        "{resourceName: %s, nodeSelector: {}, numVfs: 20, deviceType: %s, nicSelector: {vendor: '8086',"
            + " deviceID: '9999', pfNames: ['ens803f0#%s']}}";
    assertThat(
            json(
                policy("a", shape.formatted("vfio", "vfio-pci", "0-9")),
                policy("b", shape.formatted("net", "netdevice", "10-19"))))
        .contains(
            "{\"vendors\":[\"8086\"],\"pfNames\":[\"ens803f0#0-9\"]," + NO_FLAGS + "}",
            "{\"vendors\":[\"8086\"],\"pfNames\":[\"ens803f0#10-19\"]," + NO_FLAGS + "}");
  }

  @Test
  @Spec("01:125")
  @Spec("02:89")
  void namesTheVfDeviceOfThePf() {
    assertThat(json(of("p", "nicSelector: {deviceID: 158b, vendor: '8086'}")))
        .isEqualTo(selectors("\"vendors\":[\"8086\"],\"devices\":[\"154c\"]," + NO_FLAGS));
    assertThat(
            json(
                policy(
                    "p",
                    "{resourceName: r, nodeSelector: {}, numVfs: 0, nicSelector: {deviceID: 158b}}")))
        .isEqualTo(selectors("\"devices\":[\"158b\"]," + NO_FLAGS));
    assertThat(json(of("p", "nicSelector: {deviceID: ffff}"))).isEqualTo(selectors(NO_FLAGS));
  }

  @Test
  void linkTypeIsNamedForNetdevicesOnly() {
    assertThat(json(of("p", "linkType: ETH, nicSelector: {pfNames: [ens803f1]}")))
        .isEqualTo(selectors("\"pfNames\":[\"ens803f1\"],\"linkTypes\":[\"ether\"]," + NO_FLAGS));
    assertThat(
            json(
                of("p", "linkType: ETH, deviceType: vfio-pci, nicSelector: {pfNames: [ens803f1]}")))
        .isEqualTo(selectors("\"pfNames\":[\"ens803f1\"]," + NO_FLAGS));
  }

  @Test
  @Spec("01:127")
  @Spec("02:80")
  @Spec("02:82")
  void alternativeNamesBecomeThePfsOwn() {
    assertThat(json(of("p", "nicSelector: {pfNames: [alt0, ens803f0, other]}")))
        .isEqualTo(selectors("\"pfNames\":[\"ens803f0\",\"other\"]," + NO_FLAGS));
    assertThat(json(of("p", "nicSelector: {pfNames: ['alt0#1-2']}")))
        .isEqualTo(selectors("\"pfNames\":[\"ens803f0#1-2\"]," + NO_FLAGS));
  }

  @Test
  @Spec("01:128")
  @Spec("02:85")
  void flagsAreTheWeakestPolicysAndTopologyTheStrongests() {
    assertThat(
            json(
                of("weak", "priority: 99, nicSelector: {pfNames: [ens803f0]}"),
                of(
                    "strong",
                    "priority: 1, isRdma: true, needVhostNet: true, excludeTopology: true,"
                        + " nicSelector: {pfNames: [ens803f1]}")))
        .isEqualTo(
            "{\"resourceList\":[{\"resourceName\":\"r\",\"excludeTopology\":true,\"selectors\":"
                + "{\"pfNames\":[\"ens803f0\",\"ens803f1\"],"
                + NO_FLAGS
                + "},\"SelectorObj\":null}]}");
  }

  @Test
  void keepsBothRangesOfOnePolicy() {
    assertThat(json(of("p", "nicSelector: {pfNames: ['ens803f0#0-1', 'ens803f0#2-3']}")))
        .isEqualTo(selectors("\"pfNames\":[\"ens803f0#0-1\",\"ens803f0#2-3\"]," + NO_FLAGS));
  }

  @Test
  void aRefusedPolicyOffersNothingNewButKeepsWhatItHad() {
    Policy good = of("p", "nicSelector: {pfNames: ['ens803f0#0-1']}");
    Policy bad = of("p", "nicSelector: {pfNames: ['ens803f0#0-9']}");
    SriovNetworkNodeStateSpec before = Selection.select(node(), List.of(good)).spec().orElseThrow();

    assertThat(config(node(), bad).offersResources()).isFalse();
    assertThat(config(having(node(), before), bad).json()).isEqualTo(json(good));
  }

  @Test
  void aPolicyThatNowAsksForTooManyVfsKeepsItsRangeAndName() {
    Policy good = of("p", "nicSelector: {pfNames: ['ens803f0#0-1']}");
    Policy tooMany =
        policy(
            "p",
            "{resourceName: other, nodeSelector: {}, numVfs: 99, nicSelector: {pfNames:"
                + " ['ens803f0#0-98']}}");
    SriovNetworkNodeStateSpec before = Selection.select(node(), List.of(good)).spec().orElseThrow();

    assertThat(config(having(node(), before), tooMany).json()).isEqualTo(json(good));
  }

  @Test
  void aPolicyForMoreVfsThanAnyCardHasOffersNothing() {
    assertThat(
            config(
                    node(),
                    policy(
                        "p",
                        "{resourceName: r, nodeSelector: {}, numVfs: 99, nicSelector: {vendor: '8086'}}"))
                .offersResources())
        .isFalse();
  }

  @Test
  void namesTheSupportedCardThatIsMalformed() {
    assertThatThrownBy(() -> SupportedNics.parse(Map.of("Some_card", "8086 158b")))
        .hasMessageContaining("Some_card");
  }
}
