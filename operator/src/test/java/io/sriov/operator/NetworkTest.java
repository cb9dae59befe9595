package io.sriov.operator;

import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.Names;
import io.sriov.api.NetworkAttachmentDefinition;
import io.sriov.api.NetworkStatus;
import io.sriov.api.OVSNetwork;
import io.sriov.api.SriovIBNetwork;
import io.sriov.api.SriovNetwork;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks to attachments, on a real API server under the chart's roles. */
class NetworkTest {

  private TestCluster cluster;
  private String apps;
  private Operator operator;

  @BeforeEach
  void start() {
    cluster = new TestCluster();
    apps = "apps-" + cluster.namespace;
    namespace(apps);
    operator = cluster.operator();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  @Spec("02:107")
  @Spec("02:124")
  @Spec("01:137")
  void aNetworkInOurNamespaceGetsItsAttachmentThere() {
    network("net1", "resourceName: r");

    eventually(() -> {
      assertThat(attachment(cluster.namespace, "net1").getSpec().config())
          .contains("\"name\": \"net1\"", "\"logLevel\": \"info\"");
      assertThat(attachment(cluster.namespace, "net1").getMetadata().getAnnotations())
          .isEqualTo(
              Map.of(
                  Names.NAD_RESOURCE_NAME,
                  "openshift.io/r",
                  Names.OWNER_REF,
                  "SriovNetwork.sriovnetwork.openshift.io/" + cluster.namespace + "/net1"));
      assertThat(attachment(cluster.namespace, "net1").getMetadata().getOwnerReferences())
          .singleElement()
          .returns("SriovNetwork", OwnerReference::getKind)
          .returns(null, OwnerReference::getController);
      assertThat(network("net1").getFinalizers()).containsExactly(Names.NETWORK_FINALIZER);
      assertThat(ready("net1"))
          .returns("True", Condition::getStatus)
          .returns("NetworkReady", Condition::getReason)
          .returns(network("net1").getMetadata().getGeneration(), Condition::getObservedGeneration);
    });
  }

  @Test
  @Spec("02:108")
  @Spec("01:145")
  void aNetworkForAnotherNamespaceRemembersIt() {
    cluster
        .admin
        .resource(network("net1", "resourceName: r, networkNamespace: " + apps))
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"annotations\":{\"mine\":\"kept\"}}}");

    eventually(() -> {
      assertThat(attachment(apps, "net1").getMetadata().getOwnerReferences()).isEmpty();
      assertThat(network("net1").getMetadata().getAnnotations())
          .containsEntry(Names.LAST_NETWORK_NAMESPACE, apps)
          .containsEntry("mine", "kept");
    });
  }

  @Test
  @Spec("02:109")
  @Spec("01:142")
  void aNetworkElsewhereGetsItsAttachmentBesideIt() {
    cluster.apply("SriovNetwork", "net1", apps, "resourceName: r");
    eventually(() -> assertThat(attachment(apps, "net1")).isNotNull());

    cluster.apply("SriovNetwork", "net1", apps, "resourceName: r2");

    eventually(() -> {
      assertThat(attachment(apps, "net1").getMetadata().getAnnotations())
          .containsEntry(Names.NAD_RESOURCE_NAME, "openshift.io/r2");
      assertThat(attachment(apps, "net1").getMetadata().getOwnerReferences())
          .singleElement()
          .returns("net1", OwnerReference::getName);
    });
    assertThat(get(SriovNetwork.class, apps, "net1").getFinalizers()).isEmpty();
  }

  @Test
  @Spec("02:110")
  @Spec("01:141")
  void aNetworkElsewhereMayNotChooseANamespace() {
    cluster.apply("SriovNetwork", "net1", apps, "resourceName: r, networkNamespace: " + apps);

    eventually(() ->
        assertThat(ready(get(SriovNetwork.class, apps, "net1")))
            .returns("False", Condition::getStatus)
            .returns("NetworkAttachmentDefinitionInvalid", Condition::getReason)
            .returns(
                "spec.networkNamespace cannot be set when the resource is not in the operator"
                    + " namespace ("
                    + cluster.namespace
                    + ")",
                Condition::getMessage));
    assertThat(attachment(apps, "net1")).isNull();
  }

  @Test
  @Spec("02:111")
  @Spec("01:138")
  void theAttachmentAppearsWithItsNamespace() {
    String later = "later-" + cluster.namespace;
    network("net1", "resourceName: r, networkNamespace: " + later);
    eventually(() ->
        assertThat(ready("net1"))
            .returns("NamespaceNotFound", Condition::getReason)
            .returns("target namespace \"" + later + "\" does not exist", Condition::getMessage));

    namespace(later);

    eventually(() -> {
      assertThat(attachment(later, "net1")).isNotNull();
      assertThat(ready("net1")).returns("True", Condition::getStatus);
    });
  }

  @Test
  @Spec("02:112")
  @Spec("01:143")
  @Spec("02:121")
  void whatIsDeletedOrChangedByHandComesBack() {
    network("net1", "resourceName: r");
    eventually(() -> assertThat(ready("net1")).returns("True", Condition::getStatus));
    String uid = attachment(cluster.namespace, "net1").getMetadata().getUid();

    cluster.admin.resource(attachment(cluster.namespace, "net1")).delete();
    eventually(() ->
        assertThat(attachment(cluster.namespace, "net1").getMetadata().getUid()).isNotEqualTo(uid));

    cluster
        .admin
        .resource(attachment(cluster.namespace, "net1"))
        .edit(nad -> {
          nad.getMetadata().getAnnotations().put("foreign", "1");
          return nad;
        });
    eventually(() ->
        assertThat(attachment(cluster.namespace, "net1").getMetadata().getAnnotations())
            .doesNotContainKey("foreign"));
  }

  @Test
  @Spec("02:113")
  @Spec("02:115")
  void aNetworkMovesAlsoToANamespaceThatComesLater() {
    String later = "later-" + cluster.namespace;
    network("net1", "resourceName: r, networkNamespace: " + apps);
    eventually(() -> assertThat(attachment(apps, "net1")).isNotNull());
    eventually(() ->
        assertThat(network("net1").getMetadata().getAnnotations())
            .containsEntry(Names.LAST_NETWORK_NAMESPACE, apps));

    network("net1", "resourceName: r, networkNamespace: " + later);
    eventually(() -> assertThat(attachment(apps, "net1")).isNull());
    namespace(later);

    eventually(() -> {
      assertThat(attachment(later, "net1")).isNotNull();
      assertThat(ready("net1")).returns("True", Condition::getStatus);
      assertThat(network("net1").getMetadata().getAnnotations())
          .containsEntry(Names.LAST_NETWORK_NAMESPACE, later);
    });
  }

  @Test
  @Spec("02:114")
  @Spec("01:144")
  void aFormerNamespaceThatIsGoneDoesNotMatter() {
    cluster.create(
        with(
            Map.of(Names.LAST_NETWORK_NAMESPACE, "long-gone"),
            "resourceName: r, networkNamespace: " + apps));

    eventually(() -> assertThat(attachment(apps, "net1")).isNotNull());
  }

  @Test
  void anEmptyFormerNamespaceLeftByTheGoOperatorDoesNotMatter() {
    cluster.create(
        with(
            Map.of(Names.LAST_NETWORK_NAMESPACE, ""),
            "resourceName: r, networkNamespace: " + apps));

    eventually(() -> assertThat(ready("net1")).returns("True", Condition::getStatus));
  }

  @Test
  @Spec("02:117")
  @Spec("02:116")
  @Spec("01:140")
  void anAttachmentWithoutOwnerIsTakenOver() {
    NetworkAttachmentDefinition made = new NetworkAttachmentDefinition();
    made.setMetadata(new ObjectMetaBuilder().withName("net1").withNamespace(apps).build());
    made.setSpec(new NetworkAttachmentDefinition.Spec("{}"));
    cluster.create(made);

    network("net1", "resourceName: r, networkNamespace: " + apps);

    eventually(() -> {
      assertThat(attachment(apps, "net1").getMetadata().getAnnotations())
          .containsKey(Names.OWNER_REF);
      assertThat(attachment(apps, "net1").getSpec().config()).contains("\"type\": \"sriov\"");
      assertThat(ready("net1")).returns("True", Condition::getStatus);
    });
  }

  @Test
  void aNetworkWhosePluginNobodyInstallsIsNotReady() {
    cluster.apply("OVSNetwork", "ovs1", cluster.namespace, "resourceName: r");
    cluster.apply("SriovIBNetwork", "ib1", cluster.namespace, "resourceName: r");

    eventually(() -> {
      assertThat(attachment(cluster.namespace, "ovs1")).isNotNull();
      assertThat(ready(get(OVSNetwork.class, cluster.namespace, "ovs1")))
          .returns("Unknown", Condition::getStatus)
          .returns("PluginNotInstalled", Condition::getReason)
          .extracting(Condition::getMessage)
          .asString()
          .contains("OVS_CNI_IMAGE");
      assertThat(ready(get(SriovIBNetwork.class, cluster.namespace, "ib1")))
          .returns("True", Condition::getStatus);
    });
  }

  @Test
  @Spec("02:118")
  @Spec("01:139")
  @Spec(value = "02:120", differs = "the loser leaves the winner's attachment alone")
  void theFirstOfTwoKindsKeepsTheAttachment() {
    network("net1", "resourceName: r");
    eventually(() -> assertThat(ready("net1")).returns("True", Condition::getStatus));
    HasMetadata second =
        cluster.apply("SriovIBNetwork", "net1", cluster.namespace, "resourceName: ib");
    eventually(() ->
        assertThat(ready(get(SriovIBNetwork.class, cluster.namespace, "net1")))
            .returns("NetworkAttachmentDefinitionInvalid", Condition::getReason)
            .extracting(Condition::getMessage)
            .asString()
            .contains(
                "'" + cluster.namespace + "/net1' already exists and is owned by SriovNetwork."));
    String version = attachment(cluster.namespace, "net1").getMetadata().getResourceVersion();

    cluster.admin.resource(second).delete();

    eventually(() -> assertThat(get(SriovIBNetwork.class, cluster.namespace, "net1")).isNull());
    assertThat(attachment(cluster.namespace, "net1").getMetadata().getResourceVersion())
        .isEqualTo(version);
  }

  @Test
  @Spec("02:119")
  void theFirstOfTwoNamespacesKeepsTheAttachmentAndTheSecondFollows() {
    HasMetadata first = network("net1", "resourceName: r, networkNamespace: " + apps);
    eventually(() -> assertThat(ready("net1")).returns("True", Condition::getStatus));
    cluster.apply("SriovNetwork", "net1", apps, "resourceName: second");
    eventually(() ->
        assertThat(ready(get(SriovNetwork.class, apps, "net1")))
            .returns("False", Condition::getStatus));
    assertThat(attachment(apps, "net1").getMetadata().getAnnotations())
        .containsEntry(Names.NAD_RESOURCE_NAME, "openshift.io/r");

    cluster.admin.resource(first).delete();

    eventually(() ->
        assertThat(attachment(apps, "net1").getMetadata().getAnnotations())
            .containsEntry(Names.NAD_RESOURCE_NAME, "openshift.io/second"));
  }

  @Test
  @Spec("02:122")
  void deletingANetworkRemovesItsAttachmentEverywhere() {
    HasMetadata network = network("net1", "resourceName: r, networkNamespace: " + apps);
    eventually(() -> assertThat(attachment(apps, "net1")).isNotNull());

    cluster.admin.resource(network).delete();
    eventually(() -> {
      assertThat(attachment(apps, "net1")).isNull();
      assertThat(network("net1")).isNull();
    });
  }

  @Test
  @Spec(
      value = "02:103",
      differs = "the condition says which field is wrong, and the network is not tried again")
  void whatIsNotJsonIsSaidByTheCondition() {
    network("net1", "resourceName: r, capabilities: '{\"mac\":'");

    eventually(() ->
        assertThat(ready("net1"))
            .returns("NetworkAttachmentDefinitionInvalid", Condition::getReason)
            .returns("spec.capabilities is not valid JSON: ends too early", Condition::getMessage));
    assertThat(attachment(cluster.namespace, "net1")).isNull();
  }

  @Test
  @Spec("02:123")
  @Spec("02:125")
  void theConditionGrowsWithTheGenerationAndKeepsItsTime() {
    network("net1", "resourceName: r");
    eventually(() -> assertThat(ready("net1")).returns("True", Condition::getStatus));
    Condition before = ready("net1");

    network("net1", "resourceName: r, vlan: 5");

    eventually(() -> {
      assertThat(ready("net1").getObservedGeneration())
          .isGreaterThan(before.getObservedGeneration());
      assertThat(ready("net1").getLastTransitionTime()).isEqualTo(before.getLastTransitionTime());
    });
    String version = network("net1").getMetadata().getResourceVersion();
    // The same again by another operator's first pass changes nothing.
    cluster.operator();
    network("net2", "resourceName: r");
    eventually(() -> assertThat(ready("net2")).returns("True", Condition::getStatus));
    assertThat(network("net1").getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  @Spec("02:127")
  void manyNetworksAtOnceAllBecomeReady() {
    IntStream.range(0, 30).forEach(i -> network("many" + i, "resourceName: r"));

    eventually(() ->
        assertThat(IntStream.range(0, 30).mapToObj(i -> ready("many" + i)))
            .allMatch(ready -> ready.getStatus().equals("True")));
  }

  @Test
  void attachmentsOfNetworksThatWentWithoutAnOperatorAreRemovedByTheNext() throws Exception {
    HasMetadata network = network("net1", "resourceName: r, networkNamespace: " + apps);
    eventually(() -> assertThat(attachment(apps, "net1")).isNotNull());
    operator.close();
    operator.releaseNetworks();
    assertThat(network("net1").getFinalizers()).isEmpty();

    cluster.admin.resource(network).delete();
    assertThat(network("net1")).isNull();
    assertThat(attachment(apps, "net1")).isNotNull();
    cluster.operator();

    eventually(() -> assertThat(attachment(apps, "net1")).isNull());
  }

  private void namespace(String name) {
    cluster.create(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build());
  }

  private GenericKubernetesResource network(String name, String spec) {
    return cluster.apply("SriovNetwork", name, cluster.namespace, spec);
  }

  private GenericKubernetesResource with(Map<String, String> annotations, String spec) {
    return Serialization.unmarshal(
        "---\napiVersion: sriovnetwork.openshift.io/v1\nkind: SriovNetwork\n"
            + "metadata: {name: net1, namespace: %s, annotations: {%s: '%s'}}\nspec: {%s}"
                .formatted(
                    cluster.namespace,
                    annotations.keySet().iterator().next(),
                    annotations.values().iterator().next(),
                    spec),
        GenericKubernetesResource.class);
  }

  private SriovNetwork network(String name) {
    return get(SriovNetwork.class, cluster.namespace, name);
  }

  private <N extends CustomResource<?, NetworkStatus>> N get(
      Class<N> kind, String namespace, String name) {
    return cluster.admin.resources(kind).inNamespace(namespace).withName(name).get();
  }

  private NetworkAttachmentDefinition attachment(String namespace, String name) {
    return cluster
        .admin
        .resources(NetworkAttachmentDefinition.class)
        .inNamespace(namespace)
        .withName(name)
        .get();
  }

  private Condition ready(String name) {
    return ready(network(name));
  }

  private static Condition ready(CustomResource<?, NetworkStatus> network) {
    List<Condition> conditions = network.getStatus().conditions();
    assertThat(conditions).hasSize(1);
    return conditions.getFirst();
  }
}
