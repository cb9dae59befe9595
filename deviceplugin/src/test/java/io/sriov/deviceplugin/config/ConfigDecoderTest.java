package io.sriov.deviceplugin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.testkit.Spec;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigDecoderTest {

  private static final String OTHER = "{\"resourceName\":\"other\",\"selectors\":{}}";

  private final ConfigDecoder decoder = new ConfigDecoder("openshift.io");

  @Test
  @Spec("05:100")
  @Spec("05:6")
  @Spec("05:7")
  void readsWhatTheOperatorWrites() throws Exception {
    var config =
        decoder.decode(
            """
            {"resourceList":[{"resourceName":"x","excludeTopology":true,"selectors":{"vendors":["8086"],
             "pfNames":["ens1#0-3"],"IsRdma":true,"NeedVhostNet":true},"SelectorObj":null,"foo":1}]}
            """);

    assertThat(config.warnings()).isEmpty();
    assertThat(config.pools())
        .singleElement()
        .satisfies(pool -> {
          assertThat(pool.resource()).isEqualTo("openshift.io/x");
          assertThat(pool.kind()).isEqualTo(DeviceKind.NET_DEVICE);
          assertThat(pool.excludeTopology()).isTrue();
          assertThat(pool.additionalInfo()).isEmpty();
          assertThat(pool.selectors())
              .singleElement()
              .satisfies(selector -> {
                assertThat(selector.vendors()).containsExactly("8086");
                assertThat(selector.pfNames()).containsExactly("ens1#0-3");
                assertThat(selector.isRdma()).isTrue();
                assertThat(selector.needVhostNet()).isTrue();
              });
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "junk",
        "",
        "[]",
        "{\"resourceList\":[{\"resourceName\":\"a\",\"selectors\":{},}]}",
        "{\"resourceList\":[]} {}",
        "{\"resourceList\":{}}",
        "{\"resourceList\":[{\"resourceName\":1,\"selectors\":{}}]}",
        "{\"resourceList\":[{\"resourceName\":\"a\",\"excludeTopology\":\"yes\",\"selectors\":{}}]}",
        "// comment\n{}"
      })
  @Spec("05:2")
  @Spec("05:3")
  void rejectsTheWholeFileWhenItsShapeIsWrong(String text) {
    assertThatThrownBy(() -> decoder.decode(text))
        .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.invalidPool()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "{\"resourceList\":[]}", "{\"resourceList\":null}"})
  void readsAFileWithoutPoolsAsAWishForNone(String text) throws Exception {
    var config = decoder.decode(text);
    assertThat(config.pools()).isEmpty();
    assertThat(config.warnings()).isEmpty();
  }

  @Test
  @Spec("05:5")
  void acceptsKeysInAnyCase() throws Exception {
    var config =
        decoder.decode(
            "{\"ResourceList\":[{\"RESOURCENAME\":\"a\",\"Selectors\":{\"VENDORS\":[\"8086\"]}}]}");
    assertThat(config.pools().getFirst().selectors().getFirst().vendors()).containsExactly("8086");
  }

  @Test
  void letsTheLastOfRepeatedKeysWinAndNullLeaveScalarsAlone() throws Exception {
    var config =
        decoder.decode(
            """
            {"resourceList":[],"resourceList":[{"resourceName":"a","resourceName":"b","resourceName":null,
              "excludeTopology":true,"excludetopology":null,
              "selectors":"x","selectors":{"vendors":["1"],"Vendors":["2"],"devices":["3"],"devices":null}}]}
            """);
    var pool = config.pools().getFirst();
    assertThat(pool.name()).isEqualTo("b");
    assertThat(pool.excludeTopology()).isTrue();
    assertThat(pool.selectors().getFirst().vendors()).containsExactly("2");
    assertThat(pool.selectors().getFirst().devices()).isEmpty();
  }

  @Test
  @Spec("05:8")
  void readsSelectorsAsOneObjectOrAsAList() throws Exception {
    var pools =
        decoder
            .decode(
                """
                {"resourceList":[
                  {"resourceName":"one","selectors":{"vendors":["1"]}},
                  {"resourceName":"two","selectors":[{"vendors":["1"]},{"vendors":["2"]}]}]}
                """)
            .pools();
    assertThat(pools.get(0).selectors()).hasSize(1);
    assertThat(pools.get(1).selectors())
        .extracting(selector -> selector.vendors().getFirst())
        .containsExactly("1", "2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"selectors\":[]",
        "\"selectors\":\"x\"",
        "\"selectors\":5",
        "\"selectors\":true",
        "\"selectors\":{\"vendors\":\"8086\"}",
        "\"selectors\":[{},{\"isRdma\":1}]",
        "\"selectors\":null",
        "\"selectors\":[null]",
        "\"x\":1"
      })
  @Spec("05:9")
  @Spec("05:10")
  @Spec("05:12")
  @Spec("05:13")
  void dropsOnlyThePoolWhoseSelectorsAreWrong(String selectors) throws Exception {
    var config =
        decoder.decode(
            "{\"resourceList\":[{\"resourceName\":\"bad\",%s},%s]}".formatted(selectors, OTHER));
    assertThat(config.pools()).extracting(PoolConfig::name).containsExactly("other");
    assertThat(config.warnings())
        .singleElement()
        .asString()
        .contains("pool \"bad\" dropped: resourceList[0].selectors");
  }

  @Test
  @Spec("05:11")
  void rejectsAFileWithoutAnyUsablePool() {
    assertThatThrownBy(() ->
            decoder.decode("{\"resourceList\":[{\"resourceName\":\"a\",\"selectors\":[]},null]}"))
        .hasMessage(
            "no pool is usable: pool \"a\" dropped: resourceList[0].selectors is an empty list;"
                + " resourceList[1] is null: pool dropped");
  }

  @Test
  @Spec("05:15")
  void takesAMissingTypeForNetDeviceAndRefusesAnUnknownOne() throws Exception {
    assertThat(
            decoder
                .decode(
                    "{\"resourceList\":[{\"resourceName\":\"a\",\"deviceType\":\"\",\"selectors\":{}},"
                        + OTHER
                        + "]}")
                .pools())
        .extracting(PoolConfig::kind)
        .containsOnly(DeviceKind.NET_DEVICE);
    assertThatThrownBy(() ->
            decoder.decode(
                "{\"resourceList\":[{\"resourceName\":\"a\",\"deviceType\":\"netdevice\",\"selectors\":{}}]}"))
        .hasMessageContaining("resourceList[0].deviceType \"netdevice\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"invalid.name", "", "a b", "a\\n", "ä"})
  @Spec("05:16")
  void refusesAResourceNameOfOtherCharacters(String name) {
    assertInvalid("{\"resourceName\":\"%s\",\"selectors\":{}}".formatted(name), "resourceName");
  }

  @Test
  @Spec("05:17")
  @Spec("05:19")
  @Spec("05:99")
  void acceptsHyphensAndTheSameNameUnderTwoPrefixes() throws Exception {
    var config =
        decoder.decode(
            """
            {"resourceList":[{"resourceName":"sriov-net_0","selectors":{}},
              {"resourceName":"sriov-net_0","resourcePrefix":"intel.com","selectors":{}}]}
            """);
    assertThat(config.pools())
        .extracting(PoolConfig::resource)
        .containsExactly("openshift.io/sriov-net_0", "intel.com/sriov-net_0");
  }

  @Test
  @Spec("05:18")
  void refusesTwoPoolsOfOneName() {
    assertInvalid(
        """
        {"resourceName":"a","selectors":{}},
        {"resourceName":"a","resourcePrefix":"openshift.io","selectors":{}}
        """,
        "two pools are named openshift.io/a");
  }

  @Test
  @Spec("05:20")
  void refusesRdmaWithVdpaInOneSelector() {
    assertInvalid(
        "{\"resourceName\":\"a\",\"selectors\":[{},{\"isRdma\":true,\"vdpaType\":\"virtio\"}]}",
        "isRdma and vdpaType \"virtio\"");
  }

  @Test
  @Spec("05:21")
  @Spec("05:24")
  void acceptsRdmaAndVdpaInDifferentSelectors() throws Exception {
    assertThat(
            decoder
                .decode(
                    """
                    {"resourceList":[{"resourceName":"a","selectors":[{"isRdma":true},{"vdpaType":"bogus"}]}]}
                    """)
                .pools())
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"auxTypes\":[]}",
        "{\"auxTypes\":[\"sf\",\"eth\"]}",
        "[{\"auxTypes\":[\"sf\"]},{}]"
      })
  @Spec("05:22")
  void demandsAuxTypeSfOfAuxiliaryPools(String selectors) {
    assertInvalid(
        "{\"resourceName\":\"a\",\"deviceType\":\"auxNetDevice\",\"selectors\":%s}"
            .formatted(selectors),
        "auxTypes");
  }

  @Test
  @Spec("05:22")
  void acceptsAuxTypeSfTwice() throws Exception {
    assertThat(
            decoder
                .decode(
                    """
                    {"resourceList":[{"resourceName":"a","deviceType":"auxNetDevice","selectors":{"auxTypes":["sf","sf"]}}]}
                    """)
                .pools())
        .hasSize(1);
  }

  @Test
  @Spec("05:23")
  void readsAdditionalInfoAsMapsOfStringsOnly() throws Exception {
    assertThat(
            decoder
                .decode(
                    """
                    {"resourceList":[{"resourceName":"a","selectors":{},"additionalInfo":{"*":{"k":"v"}}}]}
                    """)
                .pools()
                .getFirst()
                .additionalInfo())
        .contains(Map.of("*", Map.of("k", "v")));
    assertThatThrownBy(() ->
            decoder.decode(
                """
                {"resourceList":[{"resourceName":"a","selectors":{},"additionalInfo":{"*":{"a":1}}}]}
                """))
        .hasMessage("resourceList[0].additionalInfo.*.a must be a string, but is a number");
  }

  @Test
  @Spec("05:54")
  void ignoresKeysThatThePoolsTypeDoesNotKnow() throws Exception {
    var pool =
        decoder
            .decode(
                """
                {"resourceList":[{"resourceName":"a","deviceType":"accelerator",
                  "selectors":{"acpiIndexes":["101"],"pfNames":"not even a list","isRdma":true}}]}
                """)
            .pools()
            .getFirst();
    assertThat(pool.selectors().getFirst().acpiIndexes()).isEmpty();
    assertThat(pool.selectors().getFirst().isRdma()).isFalse();
  }

  @Test
  void warnsOfSeveralLinkTypesButKeepsThePool() throws Exception {
    var config =
        decoder.decode(
            """
            {"resourceList":[{"resourceName":"a","selectors":{"linkTypes":["ether","infiniband"]}}]}
            """);
    assertThat(config.pools()).hasSize(1);
    assertThat(config.warnings()).singleElement().asString().contains("linkTypes");
  }

  private void assertInvalid(String pools, String message) {
    assertThatThrownBy(() -> decoder.decode("{\"resourceList\":[" + pools + "]}"))
        .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.invalidPool()).isTrue())
        .hasMessageContaining(message);
  }
}
