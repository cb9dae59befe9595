package io.sriov.operator;

import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkPoolConfig;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SriovOperatorConfig to workloads, on a real API server under the chart's roles. */
class WorkloadsTest {

  private TestCluster cluster;

  @BeforeEach
  void start() {
    cluster = new TestCluster();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  @Spec("02:21")
  @Spec("02:22")
  void theFinalizerLeavesExplicitZeroValuesAlone() {
    cluster.operator();
    cluster.config(
        "enableInjector: false, enableOperatorWebhook: false, logLevel: 0, disableDrain: false");

    eventually(() -> {
      assertThat(config().getFinalizers())
          .containsExactly("operatorconfig.finalizers.sriovnetwork.openshift.io");
      assertThat(raw().<Map<String, Object>>get("spec"))
          .containsEntry("enableInjector", false)
          .containsEntry("enableOperatorWebhook", false)
          .containsEntry("logLevel", 0)
          .containsEntry("disableDrain", false);
    });
  }

  @Test
  @Spec(
      value = "02:25",
      differs = "the webhooks are refused by name in this version; both node workloads are there")
  void bothNodeWorkloadsAreOwnedByTheConfiguration() {
    cluster.operator();
    cluster.config("");

    eventually(() -> {
      for (String name : List.of(Names.CONFIG_DAEMON, Names.DEVICE_PLUGIN)) {
        assertThat(daemonSet(name).getMetadata().getOwnerReferences())
            .singleElement()
            .returns("SriovOperatorConfig", OwnerReference::getKind)
            .returns("default", OwnerReference::getName)
            .returns(true, OwnerReference::getController);
      }
      assertThat(serviceAccount().getAutomountServiceAccountToken()).isFalse();
    });
  }

  @Test
  @Spec("02:52")
  void isReadyForTheGenerationThatWasReconciled() {
    cluster.operator();
    cluster.config("logLevel: 0");
    eventually(() ->
        assertThat(ready())
            .returns("True", Condition::getStatus)
            .returns("OperatorConfigReady", Condition::getReason)
            .returns("SriovOperatorConfig reconciled successfully", Condition::getMessage));

    cluster.config("logLevel: 1");

    eventually(() ->
        assertThat(ready().getObservedGeneration())
            .isEqualTo(config().getMetadata().getGeneration())
            .isGreaterThan(1));
  }

  @Test
  void namesWhatIsNotSupportedAndAppliesTheRest() {
    cluster.operator();
    cluster.config(
        "enableInjector: true, configurationMode: systemd, featureGates: {metricsExporter: true,"
            + " parallelNicConfig: true, someday: true}");

    eventually(() -> {
      assertThat(ready())
          .returns("False", Condition::getStatus)
          .returns("UnsupportedConfiguration", Condition::getReason);
      assertThat(ready().getMessage())
          .contains(
              "enableInjector true, featureGates.metricsExporter true,"
                  + " featureGates.someday (unknown)")
          .doesNotContain("parallelNicConfig");
      assertThat(daemon().getArgs())
          .containsExactly("start", "--use-systemd-service", "--parallel-nic-config");
    });
  }

  @Test
  @Spec(value = "02:49", differs = "the daemon itself copies what runs at boot, when it changed")
  @Spec(
      value = "03:Y27",
      differs =
          "the package's unit of Open vSwitch is never rewritten, so there is nothing to strip")
  void theDaemonIsToldThatBootServicesConfigureTheNode() {
    cluster.operator();
    cluster.config("configurationMode: systemd");

    eventually(() -> {
      assertThat(daemon().getArgs()).containsExactly("start", "--use-systemd-service");
      assertThat(daemon().getLifecycle()).isNull();
      assertThat(pod(Names.CONFIG_DAEMON).getInitContainers())
          .extracting(Container::getName)
          .containsExactly("sriov-cni");
    });

    cluster.config("configurationMode: daemon");

    eventually(() -> assertThat(daemon().getArgs()).containsExactly("start"));
  }

  @Test
  @Spec("02:51")
  void saysWhatTheApiServerRefused() {
    cluster.create(
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName(Names.DEVICE_PLUGIN)
            .withNamespace(cluster.namespace)
            .addNewOwnerReference()
            .withApiVersion("v1")
            .withKind("ConfigMap")
            .withName("somebody")
            .withUid("1")
            .withController(true)
            .endOwnerReference()
            .endMetadata()
            .build());
    cluster.operator();
    cluster.config("");

    eventually(() ->
        assertThat(ready())
            .returns("False", Condition::getStatus)
            .returns("OperatorConfigSyncFailed", Condition::getReason)
            .extracting(Condition::getMessage)
            .asString()
            .contains("Controller"));
  }

  @Test
  @Spec("02:20")
  void anotherNameOrNamespaceIsIgnored() {
    cluster.operator();
    cluster.apply("SriovOperatorConfig", "other", cluster.namespace, "");
    cluster.apply(
        "SriovOperatorConfig", "x-" + cluster.namespace, "default", cluster.nodeSelector());
    cluster.config("");

    eventually(() -> assertThat(ready()).returns("True", Condition::getStatus));
    assertThat(config("other").getStatus()).isNull();
    assertThat(config("other").getFinalizers()).isEmpty();
  }

  @Test
  @Spec("02:40")
  @Spec("02:41")
  @Spec("02:42")
  @Spec("01:132")
  void theNodeSelectorIsExactlyWhatIsGiven() {
    cluster.operator();
    cluster.config("");
    eventually(() -> {
      assertThat(pod(Names.CONFIG_DAEMON).getNodeSelector())
          .isEqualTo(Map.of("node-role.kubernetes.io/worker", "", "kubernetes.io/os", "linux"));
      assertThat(pod(Names.DEVICE_PLUGIN).getNodeSelector())
          .isEqualTo(Map.of("kubernetes.io/os", "linux", Names.DEVICE_PLUGIN_LABEL, "Enabled"));
    });

    cluster.config("configDaemonNodeSelector: {a: x, b: y, c: ''}");
    eventually(() ->
        assertThat(pod(Names.CONFIG_DAEMON).getNodeSelector())
            .isEqualTo(Map.of("a", "x", "b", "y", "c", "")));

    cluster.config("configDaemonNodeSelector: {a: x, b: y}");
    eventually(() -> {
      assertThat(pod(Names.CONFIG_DAEMON).getNodeSelector()).isEqualTo(Map.of("a", "x", "b", "y"));
      assertThat(pod(Names.DEVICE_PLUGIN).getNodeSelector())
          .isEqualTo(Map.of("a", "x", "b", "y", Names.DEVICE_PLUGIN_LABEL, "Enabled"));
    });

    cluster.config("configDaemonNodeSelector: {node-role.kubernetes.io/worker: ''}");
    eventually(() ->
        assertThat(pod(Names.DEVICE_PLUGIN).getNodeSelector())
            .isEqualTo(
                Map.of(
                    "node-role.kubernetes.io/worker", "", Names.DEVICE_PLUGIN_LABEL, "Enabled")));
  }

  @Test
  @Spec("02:43")
  void cdiIsSwitchedOnAndOffAgain() {
    cluster.operator();
    cluster.config("useCDI: true");
    eventually(() -> {
      assertThat(plugin().getArgs()).contains("--use-cdi");
      assertThat(pod(Names.DEVICE_PLUGIN).getVolumes())
          .extracting(Volume::getName)
          .contains("dynamic-cdi");
    });

    cluster.config("useCDI: false");

    eventually(() -> {
      assertThat(plugin().getArgs()).doesNotContain("--use-cdi");
      assertThat(plugin().getVolumeMounts())
          .noneMatch(mount -> mount.getName().equals("dynamic-cdi"));
      assertThat(pod(Names.DEVICE_PLUGIN).getVolumes())
          .noneMatch(volume -> volume.getName().equals("dynamic-cdi"));
    });
  }

  @Test
  @Spec(
      value = "02:44",
      differs = "there is no init container: the plugin itself waits for the node's file")
  @Spec(
      value = "01:133",
      differs = "there is no init container: the plugin itself waits for the node's file")
  void withoutTheGateThePluginReadsTheConfigMap() {
    cluster.operator();
    cluster.config("");
    eventually(() -> {
      assertThat(plugin().getArgs()).contains("--config-file=/run/sriov/device-plugin/config.json");
      assertThat(template(Names.DEVICE_PLUGIN)).containsEntry("init-container-enabled", "true");
    });

    cluster.config("featureGates: {blockDevicePluginUntilConfigured: false}");

    eventually(() -> {
      assertThat(pod(Names.DEVICE_PLUGIN).getInitContainers()).isEmpty();
      assertThat(plugin().getArgs()).contains("--config-file=/etc/pcidp/$(NODE_NAME)");
      assertThat(pod(Names.DEVICE_PLUGIN).getVolumes())
          .filteredOn(volume -> volume.getName().equals("config-volume"))
          .singleElement()
          .returns("device-plugin-config", volume -> volume.getConfigMap().getName())
          .returns(null, Volume::getHostPath);
      assertThat(template(Names.DEVICE_PLUGIN)).containsEntry("init-container-enabled", "false");
    });
  }

  @Test
  void metricsOfTheNodesAreServedWhereTheInstallerSays() {
    cluster.operator(
        "CONFIG_DAEMON_METRICS_BIND_ADDRESS", ":9110",
        "DEVICE_PLUGIN_METRICS_BIND_ADDRESS", "127.0.0.1:9111");
    cluster.config("");

    eventually(() -> {
      assertThat(daemon().getArgs()).containsExactly("start", "--metrics-bind-address=:9110");
      assertThat(daemon().getPorts())
          .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
          .containsExactly(tuple("metrics", 9110));
      Container plugin =
          daemonSet(Names.DEVICE_PLUGIN)
              .getSpec()
              .getTemplate()
              .getSpec()
              .getContainers()
              .getFirst();
      assertThat(plugin.getArgs()).endsWith("--metrics-bind-address=127.0.0.1:9111");
      assertThat(plugin.getPorts())
          .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
          .containsExactly(tuple("metrics", 9111));
    });
  }

  @Test
  @Spec("02:45")
  @Spec("02:46")
  void settingsReachTheDaemon() {
    cluster.operator("DEV_MODE", "TRUE", "USE_EXTERNAL_DRAINER", "true");
    cluster.config(
        "disablePlugins: [mellanox], configDaemonEnvVars: {TEST_ENV_VAR: test_value, DEV_MODE: x}");

    eventually(() -> {
      assertThat(daemon().getArgs()).containsExactly("start", "--disable-plugins=mellanox");
      assertThat(daemon().getEnv())
          .extracting(EnvVar::getName, EnvVar::getValue)
          .contains(
              tuple("TEST_ENV_VAR", "test_value"),
              tuple("DEV_MODE", "x"),
              tuple("USE_EXTERNAL_DRAINER", "true"),
              tuple("CLUSTER_TYPE", "kubernetes"));
    });

    cluster.config("configDaemonEnvVars: {TEST_ENV_VAR: test_value}");
    eventually(() -> assertThat(daemon().getArgs()).containsExactly("start"));
  }

  @Test
  @Spec(
      value = "02:47",
      differs =
          "the InfiniBand plugin is another project's and only installed if an image is given")
  @Spec("02:48")
  @Spec("02:53")
  void pluginsOfOtherProjectsAreInstalledWhereAnImageIsGiven() {
    cluster.operator("IMAGE_PULL_SECRETS", "a,b");
    cluster.config("");
    eventually(() -> {
      assertThat(pod(Names.CONFIG_DAEMON).getInitContainers())
          .extracting(Container::getName)
          .containsExactly("sriov-cni");
      assertThat(pod(Names.CONFIG_DAEMON).getVolumes())
          .filteredOn(volume -> volume.getName().equals("cnibin"))
          .singleElement()
          .returns("/var/lib/cni/bin", volume -> volume.getHostPath().getPath());
      for (String name : List.of(Names.CONFIG_DAEMON, Names.DEVICE_PLUGIN)) {
        assertThat(pod(name).getImagePullSecrets())
            .extracting(secret -> secret.getName())
            .containsExactly("a", "b");
      }
    });
  }

  @Test
  void ourPluginsAreInstalledButForThoseThatAnotherImageBrings() {
    cluster.operator("RDMA_CNI_IMAGE", "localhost/rdma:1");
    cluster.config("");

    eventually(() -> {
      List<Container> plugins = pod(Names.CONFIG_DAEMON).getInitContainers();
      assertThat(plugins).extracting(Container::getName).containsExactly("sriov-cni", "rdma-cni");
      assertThat(plugins.getFirst().getArgs()).containsExactly("sriov", "ib-sriov");
    });
  }

  @Test
  void whatTheGoOperatorRenderedGivesWayToOurs() {
    DaemonSet theirs =
        new DaemonSetBuilder()
            .withNewMetadata()
            .withName(Names.CONFIG_DAEMON)
            .withNamespace(cluster.namespace)
            .endMetadata()
            .withNewSpec()
            .withNewSelector()
            .withMatchLabels(Map.of("app", Names.CONFIG_DAEMON))
            .endSelector()
            .withNewTemplate()
            .withNewMetadata()
            .withLabels(Map.of("app", Names.CONFIG_DAEMON))
            .endMetadata()
            .withNewSpec()
            .addNewInitContainer()
            .withName("sriov-infiniband-cni")
            .withImage("theirs")
            .endInitContainer()
            .addNewContainer()
            .withName(Names.CONFIG_DAEMON)
            .withImage("theirs")
            .addNewEnv()
            .withName("OLD")
            .withValue("1")
            .endEnv()
            .endContainer()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build();
    try (KubernetesClient goOperator = cluster.goOperator()) {
      goOperator.resource(theirs).create();
    }
    cluster.operator();
    cluster.config("");

    eventually(() -> {
      assertThat(daemon().getImage()).isEqualTo("localhost/node:1");
      assertThat(daemon().getEnv()).noneMatch(variable -> variable.getName().equals("OLD"));
      assertThat(pod(Names.CONFIG_DAEMON).getInitContainers())
          .extracting(Container::getName)
          .containsExactly("sriov-cni");
    });
  }

  @Test
  void whatOthersAddStaysAndWhatTheyChangeOrDeleteComesBack() {
    cluster.operator();
    cluster.config("");
    eventually(() -> assertThat(daemon().getImage()).isNotNull());

    cluster
        .admin
        .resource(daemonSet(Names.CONFIG_DAEMON))
        .edit(set -> {
          set.getMetadata().setLabels(Map.of("team", "net"));
          set.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage("wrong");
          return set;
        });
    cluster.admin.resource(daemonSet(Names.DEVICE_PLUGIN)).delete();

    eventually(() -> {
      assertThat(daemon().getImage()).isEqualTo("localhost/node:1");
      assertThat(daemonSet(Names.CONFIG_DAEMON).getMetadata().getLabels())
          .containsEntry("team", "net");
      assertThat(plugin()).isNotNull();
    });
  }

  @Test
  @Spec("02:164")
  @Spec(value = "02:23", differs = "this version has no webhook configurations to remove")
  void cleanupTakesTheNodeStatesBeforeTheConfigurationGoes() {
    cluster.operator();
    cluster.config(cluster.nodeSelector());
    cluster.node(1);
    eventually(() -> assertThat(cluster.state(1)).isNotNull());

    ConfigCleanup.read(Map.of(), "--namespace", cluster.namespace).run(cluster.admin);

    assertThat(config()).isNull();
    assertThat(cluster.state(1)).isNull();
  }

  @Test
  @Spec("02:165")
  void cleanupWithoutAnOperatorEndsWithTheReason() {
    HasMetadata config = cluster.apply("SriovOperatorConfig", Names.DEFAULT, cluster.namespace, "");
    var unused =
        cluster
            .admin
            .resource(config)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"finalizers\":[\"" + Names.OPERATOR_CONFIG_FINALIZER + "\"]}}");

    assertThatThrownBy(() ->
            ConfigCleanup.read(Map.of(), "-n", cluster.namespace, "-w", "1").run(cluster.admin))
        .hasMessageContaining("context deadline exceeded");
  }

  @Test
  @Spec("02:166")
  void cleanupWithoutConfigurationIsDone() {
    ConfigCleanup.read(Map.of(), "--namespace=" + cluster.namespace).run(cluster.admin);
  }

  /** The Go operator set its finalizer while the name was there and forgot it afterwards. */
  @Test
  @Spec("02:162")
  void aPoolWhoseOffloadNameWasClearedCanBeDeletedAllTheSame() {
    cluster.operator();
    GenericKubernetesResource pool = pool("ovsHardwareOffloadConfig: {name: worker}");
    eventually(() ->
        assertThat(pool().orElseThrow().getStatus().conditions())
            .singleElement()
            .returns("NotSupported", Condition::getReason)
            .extracting(Condition::getMessage)
            .asString()
            .contains("ovsHardwareOffloadConfig.name worker"));
    var unused =
        cluster
            .admin
            .resource(pool)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"finalizers\":[\""
                    + Names.POOL_FINALIZER
                    + "\"]},\"spec\":{\"ovsHardwareOffloadConfig\":{\"name\":\"\"}}}");

    cluster.admin.resource(pool).delete();

    eventually(() -> assertThat(pool()).isEmpty());
  }

  @Test
  @Spec("02:163")
  void aPoolOfNodesHasNoFinalizerAndIsGoneAtOnce() {
    cluster.operator();
    GenericKubernetesResource pool = pool("maxUnavailable: 2");
    eventually(() ->
        assertThat(pool().orElseThrow().getStatus().conditions())
            .anySatisfy(condition -> assertThat(condition.getReason()).isEqualTo("PoolReady")));
    assertThat(pool().orElseThrow().getFinalizers()).isEmpty();

    cluster.admin.resource(pool).delete();

    assertThat(pool()).isEmpty();
  }

  private GenericKubernetesResource pool(String spec) {
    return cluster.apply("SriovNetworkPoolConfig", "pool", cluster.namespace, spec);
  }

  private Optional<SriovNetworkPoolConfig> pool() {
    return Optional.ofNullable(
        cluster
            .admin
            .resources(SriovNetworkPoolConfig.class)
            .inNamespace(cluster.namespace)
            .withName("pool")
            .get());
  }

  private SriovOperatorConfig config() {
    return config(Names.DEFAULT);
  }

  private SriovOperatorConfig config(String name) {
    return cluster
        .admin
        .resources(SriovOperatorConfig.class)
        .inNamespace(cluster.namespace)
        .withName(name)
        .get();
  }

  private GenericKubernetesResource raw() {
    return cluster
        .admin
        .genericKubernetesResources("sriovnetwork.openshift.io/v1", "SriovOperatorConfig")
        .inNamespace(cluster.namespace)
        .withName(Names.DEFAULT)
        .get();
  }

  private Condition ready() {
    return config().getStatus().conditions().getFirst();
  }

  private ServiceAccount serviceAccount() {
    return cluster
        .admin
        .serviceAccounts()
        .inNamespace(cluster.namespace)
        .withName(Names.DEVICE_PLUGIN)
        .get();
  }

  private DaemonSet daemonSet(String name) {
    return cluster.admin.apps().daemonSets().inNamespace(cluster.namespace).withName(name).get();
  }

  private Map<String, String> template(String name) {
    return daemonSet(name).getSpec().getTemplate().getMetadata().getLabels();
  }

  private PodSpec pod(String name) {
    return daemonSet(name).getSpec().getTemplate().getSpec();
  }

  private Container daemon() {
    return pod(Names.CONFIG_DAEMON).getContainers().getFirst();
  }

  private Container plugin() {
    return pod(Names.DEVICE_PLUGIN).getContainers().getFirst();
  }
}
