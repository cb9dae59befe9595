package io.sriov.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which unknown keys are told to be misspelt ones. */
class MisspellingTest {

  private static final Set<String> SRIOV = io.sriov.cni.sriov.SriovPlugin.SETTINGS;
  private static final Set<String> IB = io.sriov.cni.ib.IbSriovPlugin.SETTINGS;
  private static final Set<String> RDMA = io.sriov.cni.rdma.RdmaPlugin.SETTINGS;

  private static List<Misspelling> in(Set<String> settings, String... keys) {
    List<Json.Member> members = new ArrayList<>();
    for (String key : keys) {
      members.add(new Json.Member(key, Json.of(1)));
    }
    return Misspelling.in(new Json.Obj(members), settings);
  }

  @ParameterizedTest
  @CsvSource({
    "max-tx-rate, max_tx_rate",
    "maxTxRate, max_tx_rate",
    "max_tx_rates, max_tx_rate",
    "min_tx_rat, min_tx_rate",
    "min_txrate, min_tx_rate",
    "MIN-TX-RATE, min_tx_rate",
    "spoof_chk, spoofchk",
    "spoofCheck, spoofchk",
    "vlan_qos, vlanQoS",
    "vlan-QoS, vlanQoS",
    "vlanQs, vlanQoS",
    "vlan_proto, vlanProto",
    "vlanPorto, vlanProto",
    "valn, vlan",
    "vlans, vlan",
    "trsut, trust",
    "linkState, link_state",
    "link-stat, link_state",
    "log_level, logLevel",
    "log.file, logFile",
    "device_id, deviceID",
    "capabilites, capabilities",
    "runtime_config, runtimeConfig",
  })
  void tellsTheRightSpelling(String written, String meant) {
    assertThat(in(SRIOV, written)).containsExactly(new Misspelling(written, List.of(meant)));
  }

  @ParameterizedTest
  @CsvSource({
    "rdma_isolation, rdmaIsolation",
    "rdmaIsolaton, rdmaIsolation",
    "ib_kubernetes_enabled, ibKubernetesEnabled",
    "vfio-pci-mode, vfioPciMode",
    "p_key, pkey",
    "linkState, link_state",
  })
  void tellsTheRightSpellingForInfiniBand(String written, String meant) {
    assertThat(in(IB, written)).containsExactly(new Misspelling(written, List.of(meant)));
  }

  @Test
  void namesEveryKeyThatIsAsNear() {
    Misspelling between = new Misspelling("mix_tx_rate", List.of("max_tx_rate", "min_tx_rate"));

    assertThat(in(SRIOV, "mix_tx_rate")).containsExactly(between);
    assertThat(between.advice())
        .isEqualTo("\"mix_tx_rate\" has no effect: did you mean max_tx_rate or min_tx_rate?");
  }

  @Test
  void keepsTheOrderOfTheConfiguration() {
    assertThat(in(SRIOV, "vlan", "spoof_chk", "name", "max-tx-rate"))
        .extracting(Misspelling::key)
        .containsExactly("spoof_chk", "max-tx-rate");
  }

  /** The plugins take a key in any letter case, so such a key has its effect. */
  @Test
  void takesNoOffenceAtLetterCase() {
    for (String key : SRIOV) {
      assertThat(in(SRIOV, key, key.toUpperCase(Locale.ROOT), key.toLowerCase(Locale.ROOT)))
          .as(key)
          .isEmpty();
    }
    assertThat(in(SRIOV, "vlanQos", "VLANQOS", "Max_Tx_Rate", "linK_state")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // CNI itself, and what libraries of runtimes read.
        "cniVersion cniVersions name type plugins args capabilities runtimeConfig ipam dns"
            + " prevResult disableCheck disableGC loadOnlyInlinedPlugins ipMasq"
            + " cni.dev/valid-attachments cni.dev/attachments",
        // Multus, for delegates and for itself.
        "deviceID pciBusID CNIDeviceInfoFile confDir cniDir binDir kubeconfig delegates"
            + " clusterNetwork defaultNetworks systemNamespaces multusNamespace namespaceIsolation"
            + " globalNamespaces readinessindicatorfile retryDeleteOnError logToStderr logOptions"
            + " logFile logLevel multusConfigFile socketDir auxiliaryCNIChainName perNodeCertificate",
        // sriov of older releases, and what its forks know.
        "vf l2enable dpdk if0 if0name mtu master VFID OrigVfState vlan_trunk vlanTrunk guid"
            + " allmulti promisc state MTU",
        // bandwidth, tuning, portmap, firewall, sbr, vrf, route-override.
        "ingressRate ingressBurst egressRate egressBurst unshapedSubnets shapedSubnets sysctl mac"
            + " promisc allmulti txQLen dataDir portMappings snat conditionsV4 conditionsV6"
            + " markMasqBit externalSetMarkChain masqAll backend iptablesAdminChainName"
            + " firewalldZone ingressPolicy vrfname table flushroutes flushgateway delroutes"
            + " addroutes skipcheck addIPRoutes",
        // bridge, vlan, macvlan, ipvlan, ptp, host-device, dummy, tap, bond, loopback, dhcp.
        "bridge isGateway isDefaultGateway forceAddress hairpinMode promiscMode vlan vlanId"
            + " preserveDefaultVlan macspoofchk enabledad disableContainerInterface portIsolation"
            + " ipMasqBackend linkInContainer mode bcqueuelen device hwaddr kernelpath multiQueue"
            + " owner group selinuxContext ifname linksInContainer failOverMac miimon links"
            + " allSlavesActive tlbDynamicLb lacpRate xmitHashPolicy daemonSocketPath",
        // Open vSwitch, accelerated bridge, OVN, whereabouts and other address plugins.
        "trunk ofport_request interface_type configuration_path socket_file"
            + " link_state_check_retries link_state_check_interval setUplinkVlan netAttachDefName"
            + " topology role subnets joinSubnets excludeSubnets vlanID physicalNetworkName"
            + " allowPersistentIPs transitSubnets range range_start range_end ranges exclude"
            + " gateway routes addresses network_name enable_overlapping_ranges leaderLeaseDuration",
        // ib-sriov and rdma, in a network of another type.
        "pkey link_state rdmaIsolation ibKubernetesEnabled vfioPciMode debug",
      })
  void saysNothingOfKeysThatOthersKnow(String keys) {
    for (Set<String> settings : List.of(SRIOV, IB, RDMA)) {
      assertThat(in(settings, keys.split(" "))).isEmpty();
    }
  }

  @Test
  void saysNothingOfAnyOtherKey() {
    assertThat(in(SRIOV, "", "-", "x", "comment", "_max", "rate", "tx", "lan", "owner-of-the-vlan"))
        .isEmpty();
    assertThat(in(SRIOV, "max_tx_rate".repeat(100_000))).isEmpty();
    assertThat(Misspelling.in(Json.of("text"), SRIOV)).isEmpty();
    assertThat(Misspelling.in(Json.NULL, SRIOV)).isEmpty();
  }
}
