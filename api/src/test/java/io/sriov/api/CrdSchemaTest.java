package io.sriov.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.lab.ApiServer;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a real API server accepts, refuses and completes under the shipped CRDs. */
class CrdSchemaTest {

  private static KubernetesClient client;
  private static int counter;

  @BeforeAll
  static void installCrds() throws Exception {
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(ApiServer.shared().kubeconfig().toFile()))
            .build();
    try (Stream<Path> files =
        Files.list(Path.of(System.getProperty("sriov.root"), "chart", "crds"))) {
      for (Path file : files.toList()) {
        client.load(Files.newInputStream(file)).serverSideApply();
      }
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(client.resources(CustomResourceDefinition.class).list().getItems())
                .filteredOn(crd -> crd.getSpec().getGroup().equals(Names.GROUP))
                .hasSize(7)
                .allSatisfy(crd ->
                    assertThat(crd.getStatus().getConditions())
                        .anyMatch(c ->
                            c.getType().equals("Established") && c.getStatus().equals("True"))));
  }

  @AfterAll
  static void closeClient() {
    client.close();
  }

  @Test
  @Spec("01:1")
  void aPolicyWithoutNumVfsIsRefused() {
    assertRefused(
        "SriovNetworkNodePolicy", "{resourceName: r, nodeSelector: {}, nicSelector: {}}", "numVfs");
  }

  @Test
  @Spec("01:2")
  void mtuZeroIsRefusedAndAnAbsentOneAccepted() {
    assertRefused("SriovNetworkNodePolicy", policy("mtu: 0"), "spec.mtu");
    assertThat(created("SriovNetworkNodePolicy", policy("priority: 1"))).doesNotContainKey("mtu");
  }

  @Test
  @Spec("01:3")
  void prioritiesAreFrom0To99() {
    assertRefused("SriovNetworkNodePolicy", policy("priority: 100"), "spec.priority");
    assertRefused("SriovNetworkNodePolicy", policy("priority: -1"), "spec.priority");
    assertThat(created("SriovNetworkNodePolicy", policy("priority: 0")))
        .containsEntry("priority", 0);
    assertThat(created("SriovNetworkNodePolicy", policy("priority: 99")))
        .containsEntry("priority", 99);
  }

  @Test
  @Spec("01:4")
  void anAbsentDeviceTypeIsStoredAsNetdevice() {
    assertThat(created("SriovNetworkNodePolicy", policy("priority: 1")))
        .containsEntry("deviceType", "netdevice");
  }

  @Test
  void aDeviceTypeTypoIsRefusedWithTheAllowedValues() {
    assertRefused(
        "SriovNetworkNodePolicy", policy("deviceType: vfio-pcie"), "\"netdevice\", \"vfio-pci\"");
  }

  @Test
  @Spec("01:5")
  void aLinkTypeInMixedCaseIsRefused() {
    assertRefused("SriovNetworkNodePolicy", policy("linkType: Eth"), "spec.linkType");
    for (String value : new String[] {"eth", "ETH", "ib", "IB"}) {
      assertThat(created("SriovNetworkNodePolicy", policy("linkType: " + value)))
          .containsEntry("linkType", value);
    }
  }

  @Test
  @Spec("01:6")
  void anUnknownFailModeIsRefused() {
    assertRefused(
        "SriovNetworkNodePolicy",
        policy("bridge: {ovs: {bridge: {failMode: foo}}}"),
        "spec.bridge.ovs.bridge.failMode");
  }

  @Test
  @Spec("01:8")
  void anAbsentLogLevelIsStoredAsInfoAndAnEmptyOneKept() {
    assertThat(created("SriovNetwork", "{resourceName: r}")).containsEntry("logLevel", "info");
    assertThat(created("SriovNetwork", "{resourceName: r, logLevel: ''}"))
        .containsEntry("logLevel", "");
  }

  @Test
  @Spec("01:9")
  void theHighestVlanIs4094ForSriovAnd4095ForOvs() {
    assertRefused("SriovNetwork", "{resourceName: r, vlan: 4095}", "spec.vlan");
    assertThat(created("OVSNetwork", "{resourceName: r, vlan: 4095}")).containsEntry("vlan", 4095);
    assertRefused("OVSNetwork", "{resourceName: r, vlan: 4096}", "spec.vlan");
  }

  @Test
  @Spec("01:11")
  void onlyThePluginMellanoxCanBeDisabled() {
    assertRefused("SriovOperatorConfig", "{disablePlugins: [intel]}", "spec.disablePlugins");
    assertThat(created("SriovOperatorConfig", "{disablePlugins: [mellanox]}"))
        .containsKey("disablePlugins");
  }

  @Test
  @Spec("01:12")
  void logLevel3IsRefused() {
    assertRefused("SriovOperatorConfig", "{logLevel: 3}", "spec.logLevel");
  }

  @Test
  @Spec("01:13")
  void anyFeatureGateNameIsStored() {
    assertThat(created("SriovOperatorConfig", "{featureGates: {whatever: true}}"))
        .containsEntry("featureGates", Map.of("whatever", true));
  }

  @Test
  @Spec("01:14")
  void maxUnavailableIsANumberOrAPercentage() {
    assertThat(created("SriovNetworkPoolConfig", "{maxUnavailable: '50%'}"))
        .containsEntry("maxUnavailable", "50%");
    assertThat(created("SriovNetworkPoolConfig", "{maxUnavailable: 2}"))
        .containsEntry("maxUnavailable", 2);
    assertRefused("SriovNetworkPoolConfig", "{rdmaMode: none}", "spec.rdmaMode");
    assertRefused(
        "SriovNetworkPoolConfig",
        "{nodeSelector: {matchExpressions: [{key: a, operator: Like}]}}",
        "spec.nodeSelector.matchExpressions[0].operator");
  }

  @Test
  void whatAPoolDoesWithABlockedOrFailedNodeIsOneOfTheNamedChoices() {
    assertRefused("SriovNetworkPoolConfig", "{onDrainTimeout: kill}", "spec.onDrainTimeout");
    assertRefused("SriovNetworkPoolConfig", "{onFailure: retry}", "spec.onFailure");
    assertRefused(
        "SriovNetworkPoolConfig", "{maintenanceWindows: [{schedule: '0 2 * * *'}]}", "duration");
    assertThat(
            created(
                "SriovNetworkPoolConfig",
                "{paused: true, onDrainTimeout: giveUp, onFailure: rollback, drainTimeout: 30m,"
                    + " maintenanceWindows: [{schedule: '0 2 * * 6', duration: 4h}]}"))
        .containsOnlyKeys(
            "paused", "onDrainTimeout", "onFailure", "drainTimeout", "maintenanceWindows");
  }

  @Test
  void aNodeIsRebootedAtLeastOnceOrNeverByPolicy() {
    assertRefused("SriovOperatorConfig", "{maxReboots: 0}", "spec.maxReboots");
    assertRefused("SriovOperatorConfig", "{rebootPolicy: never}", "spec.rebootPolicy");
    assertThat(created("SriovOperatorConfig", "{rebootPolicy: report, maxReboots: 1}"))
        .containsOnlyKeys("rebootPolicy", "maxReboots");
  }

  @Test
  @Spec("01:15")
  void anUnknownStatusFieldOfAPolicyIsPruned() {
    GenericKubernetesResource policy = create("SriovNetworkNodePolicy", policy("priority: 1"));
    policy.setAdditionalProperty(
        "status", Map.of("matchedNodeCount", 3, "conditions", java.util.List.of()));

    assertThat(
            client
                .resource(policy)
                .updateStatus()
                .getAdditionalProperties()
                .get("status")
                .toString())
        .doesNotContain("matchedNodeCount");
  }

  @Test
  void aVfWithoutIndexIsRefused() {
    GenericKubernetesResource state = create("SriovNetworkNodeState", "{}");
    state.setAdditionalProperty(
        "status",
        Serialization.unmarshal(
            "interfaces:\n- pciAddress: a\n  Vfs:\n  - {pciAddress: b}\n", Map.class));

    assertThatThrownBy(() -> client.resource(state).updateStatus()).hasMessageContaining("vfID");
  }

  @Test
  void anObjectWithoutSpecIsAcceptedByEveryKind() {
    for (String kind :
        new String[] {
          "SriovNetworkNodePolicy",
          "SriovNetworkNodeState",
          "SriovNetwork",
          "SriovIBNetwork",
          "OVSNetwork",
          "SriovNetworkPoolConfig",
          "SriovOperatorConfig"
        }) {
      assertThatCode(() -> create(kind, null)).as(kind).doesNotThrowAnyException();
    }
  }

  private static String policy(String more) {
    return "{resourceName: r, nodeSelector: {}, nicSelector: {}, numVfs: 1, " + more + "}";
  }

  private static void assertRefused(String kind, String spec, String naming) {
    assertThatThrownBy(() -> create(kind, spec))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining(naming);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> created(String kind, String spec) {
    return (Map<String, Object>) create(kind, spec).getAdditionalProperties().get("spec");
  }

  private static GenericKubernetesResource create(String kind, String spec) {
    String manifest =
        """
        apiVersion: sriovnetwork.openshift.io/v1
        kind: %s
        metadata: {name: crd-schema-%d, namespace: default}
        %s
        """
            .formatted(kind, counter++, spec == null ? "" : "spec: " + spec);
    return client
        .resource(Serialization.unmarshal(manifest, GenericKubernetesResource.class))
        .create();
  }
}
