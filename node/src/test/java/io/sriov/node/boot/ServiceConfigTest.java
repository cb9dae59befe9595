package io.sriov.node.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.api.Bridges;
import io.sriov.api.NodeSystem;
import io.sriov.api.OvsBridge;
import io.sriov.api.OvsInterface;
import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceConfigTest {

  private static final VfGroup GROUP =
      new VfGroup("intel", "vfio-pci", "0-3", "policy-1", 9000, true, "");

  private static final ServiceConfig FULL =
      new ServiceConfig(
          new SriovNetworkNodeStateSpec(
              List.of(
                  new Interface(
                      "0000:18:00.0", 4, 9000, "ens1f0", "eth", "legacy", false, List.of(GROUP)),
                  new Interface("0000:d8:00.1", 0, 0, "", "", "", true, List.of())),
              null,
              new NodeSystem(RdmaMode.EXCLUSIVE)),
          true,
          "Baremetal");

  private static final String YAML =
      """
      spec:
          interfaces:
              - pciaddress: "0000:18:00.0"
                numvfs: 4
                mtu: 9000
                name: ens1f0
                linktype: eth
                eswitchmode: legacy
                vfgroups:
                  - resourcename: intel
                    devicetype: vfio-pci
                    vfrange: 0-3
                    policyname: policy-1
                    mtu: 9000
                    isrdma: true
                    vdpatype: ""
                externallymanaged: false
              - pciaddress: 0000:d8:00.1
                numvfs: 0
                mtu: 0
                name: ""
                linktype: ""
                eswitchmode: ""
                vfgroups: []
                externallymanaged: true
          bridges:
              ovs: []
          system:
              rdmamode: exclusive
      unsupportedNics: true
      platformType: Baremetal
      manageSoftwareBridges: false
      ovsdbSocketPath: unix:///var/run/openvswitch/db.sock
      """;

  @Test
  void writesWhatTheGoDaemonWrites() {
    assertThat(FULL.toYaml()).isEqualTo(YAML);
  }

  @Test
  void readsWhatItWrites() throws Exception {
    assertThat(ServiceConfig.parse(YAML)).isEqualTo(FULL);
  }

  @Test
  void writesBridgesWithAllTheirKeys() {
    var bridge =
        new Bridges.Ovs(
            "br-0000_d8_00.0",
            new OvsBridge("netdev", Map.of(), Map.of("b", "2", "a", "1"), null),
            List.of(
                new Bridges.Uplink(
                    "0000:d8:00.0",
                    "eno1",
                    new OvsInterface("dpdk", Map.of(), Map.of(), Map.of(), null))));
    var config =
        new ServiceConfig(
            new SriovNetworkNodeStateSpec(List.of(), new Bridges(List.of(bridge)), null),
            false,
            "Baremetal");

    assertThat(config.toYaml())
        .startsWith(
            """
            spec:
                interfaces: []
                bridges:
                    ovs:
                        - name: br-0000_d8_00.0
                          bridge:
                            datapathtype: netdev
                            externalids: {}
                            otherconfig:
                                a: "1"
                                b: "2"
                            failmode: ""
                          uplinks:
                            - pciaddress: 0000:d8:00.0
                              name: eno1
                              interface:
                                type: dpdk
                                options: {}
                                externalids: {}
                                otherconfig: {}
                                mturequest: null
                system:
                    rdmamode: ""
            """);
  }

  @Test
  @Spec("03:Y22")
  void nestedKeysInCamelCaseAreNotKnown() throws Exception {
    ServiceConfig config =
        ServiceConfig.parse(
            """
            spec:
                interfaces:
                    - pciAddress: "0000:18:00.0"
                      pciaddress: 0000:d8:00.0
                      numVfs: 4
                      vfGroups:
                        - resourceName: x
                unknown: 1
            unsupportedNics: true
            """);

    assertThat(config.spec().interfaces())
        .containsExactly(new Interface("0000:d8:00.0", 0, 0, "", "", "", false, List.of()));
    assertThat(config.unsupportedNics()).isTrue();
  }

  @Test
  @Spec("03:Y24")
  void anEmptyFileIsNone() throws Exception {
    assertThat(ServiceConfig.parse("")).isEqualTo(ServiceConfig.DEFAULT);
    assertThat(ServiceConfig.parse("---\n")).isEqualTo(ServiceConfig.DEFAULT);
  }

  @Test
  void whatIsNoYamlIsAnError() {
    assertThatThrownBy(() -> ServiceConfig.parse("spec: [")).hasMessageContaining("not YAML");
    assertThatThrownBy(() -> ServiceConfig.parse("just words"))
        .hasMessageContaining("not a YAML map");
  }

  @Test
  @Spec("03:K11")
  void anUnknownRdmaModeIsAnError() {
    assertThatThrownBy(() -> ServiceConfig.parse(YAML.replace("exclusive", "foo")))
        .hasMessage("spec.system.rdmamode: \"foo\" is not one of shared, exclusive");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "0000:18:00.0, \"0000:18:00.0\"",
        "0000:59:59.9, \"0000:59:59.9\"",
        "0000:65:00.0, 0000:65:00.0",
        "0000:d8:00.0, 0000:d8:00.0",
        "0-3, 0-3",
        "12, \"12\"",
        "0x1f, \"0x1f\"",
        "1.5, \"1.5\"",
        "1e3, \"1e3\"",
        "true, \"true\"",
        "yes, \"yes\"",
        "no, \"no\"",
        "null, \"null\"",
        "2024-01-02, \"2024-01-02\"",
        "eno1np0, eno1np0",
        "a b, a b",
        "a: b, 'a: b'",
        "a:b, a:b",
        "#a, '#a'",
        "- a, '- a'",
        "-a, -a",
        "it's, it's",
        "'a, '''a'"
      })
  void quotesAStringOnlyWhereItWouldBeTakenForSomethingElse(String text, String yaml) {
    assertThat(GoYaml.write(Map.of("key", text))).isEqualTo("key: " + yaml + "\n");
  }
}
