package io.sriov.plan.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.api.OVSNetworkSpec;
import io.sriov.api.SriovIBNetworkSpec;
import io.sriov.api.SriovNetworkSpec;
import io.sriov.plan.network.Network.Ethernet;
import io.sriov.plan.network.Network.InfiniBand;
import io.sriov.plan.network.Network.OpenVswitch;
import io.sriov.plan.selection.Facts;
import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spec 02 §4, byte for byte. */
class AttachmentTest {

  private static Attachment ethernet(String spec) throws NetworkError {
    return attachment(
        new Ethernet(Facts.read("{resourceName: r, " + spec + "}", SriovNetworkSpec.class)));
  }

  private static Attachment attachment(Network network) throws NetworkError {
    return Attachment.of("op", "net1", network, "openshift.io");
  }

  @Test
  @Spec("02:105")
  @Spec("02:106")
  void isAnnotatedWithItsResourceAndItsOwner() throws NetworkError {
    assertThat(ethernet("networkNamespace: apps"))
        .satisfies(a -> {
          assertThat(a.namespace()).isEqualTo("apps");
          assertThat(a.name()).isEqualTo("net1");
          assertThat(a.annotations())
              .isEqualTo(
                  Map.of(
                      "k8s.v1.cni.cncf.io/resourceName",
                      "openshift.io/r",
                      "sriovnetwork.openshift.io/owner-ref",
                      "SriovNetwork.sriovnetwork.openshift.io/op/net1"));
        });
  }

  @Test
  void minimalEthernet() throws NetworkError {
    assertThat(ethernet("logLevel: ''").config())
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "name": "net1",
                "type": "sriov",
                "vlan": 0,
                "vlanQoS": 0,
                "ipam": {}
            }\
            """);
  }

  @Test
  @Spec("02:95")
  void logLevelAsTheSchemaDefaultsIt() throws NetworkError {
    assertThat(ethernet("logLevel: info").config())
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "name": "net1",
                "type": "sriov",
                "vlan": 0,
                "vlanQoS": 0,
                "logLevel": "info",
                "ipam": {}
            }\
            """);
  }

  @Test
  @Spec("02:97")
  @Spec("02:96")
  void everyMemberInItsPlace() throws NetworkError {
    assertThat(
            ethernet(
                    """
                    vlan: 100, vlanQoS: 5, vlanProto: 802.1ad, spoofChk: 'on', trust: 'off',
                    linkState: auto, minTxRate: 10, maxTxRate: 20, logLevel: debug,
                    logFile: '/tmp/"a"', capabilities: '{"mac": true, "ips":true}',
                    ipam: '{"type":"host-local","ranges":[[{"subnet":"10.0.0.0/8"}],[]]}'
                    """)
                .config())
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "name": "net1",
                "type": "sriov",
                "vlan": 100,
                "spoofchk": "on",
                "trust": "off",
                "vlanQoS": 5,
                "vlanProto": "802.1ad",
                "min_tx_rate": 10,
                "max_tx_rate": 20,
                "capabilities": {
                    "mac": true,
                    "ips": true
                },
                "link_state": "auto",
                "logLevel": "debug",
                "logFile": "/tmp/\\"a\\"",
                "ipam": {
                    "type": "host-local",
                    "ranges": [
                        [
                            {
                                "subnet": "10.0.0.0/8"
                            }
                        ],
                        []
                    ]
                }
            }\
            """);
  }

  @Test
  @Spec("02:98")
  @Spec("01:10")
  void aRateOfZeroIsWrittenAndAnAbsentOneNot() throws NetworkError {
    assertThat(ethernet("minTxRate: 0").config())
        .contains("\"min_tx_rate\": 0,")
        .doesNotContain("max_tx_rate");
  }

  @Test
  @Spec("02:99")
  void metaPluginsMakeAChain() throws NetworkError {
    assertThat(
            ethernet(
                    """
                    capabilities: '{"mac":true}', ipam: '{"type":"static"}',
                    metaPlugins: "{\\"type\\":\\"tuning\\"},\\n{\\"type\\":\\"rdma\\",\\n\\"a\\":1.0}"
                    """)
                .config())
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "name": "net1",
                "plugins": [
                    {
                        "type": "sriov",
                        "vlan": 0,
                        "vlanQoS": 0,
                        "capabilities": {
                            "mac": true
                        },
                        "ipam": {
                            "type": "static"
                        }
                    },
                    {
                        "type": "tuning"
                    },
                    {
                        "type": "rdma",
                        "a": 1.0
                    }
                ]
            }\
            """);
  }

  /** The file is also what the tests of module cni give to the plugin ib-sriov. */
  @Test
  void infiniBandWithEveryMember() throws Exception {
    Network network =
        new InfiniBand(
            Facts.read(
                "{resourceName: r, linkState: enable, capabilities: '{\"infinibandGUID\": true}',"
                    + " ipam: '{\"type\": \"static\"}'}",
                SriovIBNetworkSpec.class));

    try (var golden = AttachmentTest.class.getResourceAsStream("infiniband.json")) {
      assertThat(attachment(network).config())
          .isEqualTo(
              new String(Objects.requireNonNull(golden).readAllBytes(), StandardCharsets.UTF_8)
                  .strip());
    }
  }

  @Test
  @Spec("02:100")
  void infiniBandHasNoVlanAndNoLog() throws NetworkError {
    Network network =
        new InfiniBand(
            Facts.read("{resourceName: r, linkState: enable}", SriovIBNetworkSpec.class));

    assertThat(attachment(network).config())
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "name": "net1",
                "type": "ib-sriov",
                "link_state": "enable",
                "ipam": {}
            }\
            """);
  }

  @Test
  @Spec("02:101")
  void openVswitch() throws NetworkError {
    Network network =
        new OpenVswitch(
            Facts.read(
                """
                {resourceName: r, vlan: 100, mtu: 1500, bridge: br0, interfaceType: dpdk,
                 capabilities: '{"mac":true}', trunk: [{id: 120}, {maxID: 550, minID: 500}, {id: 0}]}
                """,
                OVSNetworkSpec.class));

    assertThat(attachment(network).config())
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "name": "net1",
                "type": "ovs",
                "capabilities": {
                    "mac": true
                },
                "bridge": "br0",
                "vlan": 100,
                "mtu": 1500,
                "trunk": [
                    {
                        "id": 120
                    },
                    {
                        "minID": 500,
                        "maxID": 550
                    },
                    {
                        "id": 0
                    }
                ],
                "interface_type": "dpdk",
                "ipam": {}
            }\
            """);
  }

  @Test
  @Spec("02:102")
  void openVswitchWithoutVlan() throws NetworkError {
    assertThat(attachment(new OpenVswitch(openVswitch("vlan: 0"))).config())
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "name": "net1",
                "type": "ovs",
                "ipam": {}
            }\
            """);
  }

  @Test
  void aNegativeMtuIsNamed() {
    assertThatThrownBy(() -> attachment(new OpenVswitch(openVswitch("mtu: -1"))))
        .hasMessage("spec.mtu is -1: it cannot be negative");
  }

  private static OVSNetworkSpec openVswitch(String members) {
    return Facts.read("{resourceName: r, " + members + "}", OVSNetworkSpec.class);
  }

  @Test
  @Spec("02:104")
  void blanksBetweenTheTokensOfIpamGoAndThoseInStringsStay() throws NetworkError {
    assertThat(
            ethernet(
                    "ipam: \" {\\n \\\"type\\\" :\\t\\\"static\\\", \\\"note\\\":\\\"a b\\\" }\\n\"")
                .config())
        .contains(
            """
                "ipam": {
                    "type": "static",
                    "note": "a b"
                }
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\"",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":tru}",
        "{\"a\":\"\\\\x\"}",
        "{\"a\":1,}",
        "{} {}",
        "}"
      })
  void whatIsNotJsonIsRefusedByField(String capabilities) {
    SriovNetworkSpec spec =
        Facts.read(
            "{resourceName: r, capabilities: '%s'}".formatted(capabilities.replace("\\\\", "\\")),
            SriovNetworkSpec.class);

    assertThatThrownBy(() -> attachment(new Ethernet(spec)))
        .isInstanceOf(NetworkError.class)
        .hasMessageStartingWith("spec.capabilities is not valid JSON: ");
  }

  @Test
  void aListIsNoIpam() {
    assertThatThrownBy(() -> ethernet("ipam: '[]'")).hasMessage("spec.ipam is not a JSON object");
  }

  @Test
  void memberOrderNumbersAndDuplicatesStayAsWritten() throws NetworkError {
    assertThat(ethernet("ipam: '{\"b\":1e2,\"a\":\"\\u00e9\",\"b\":-0.50}'").config())
        .contains("\"b\": 1e2,\n        \"a\": \"\\u00e9\",\n        \"b\": -0.50\n");
  }
}
