package io.sriov.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.sriov.plan.deviceplugin.SupportedNics;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What helm makes of the chart. */
class ChartTest {

  private static final String RELEASE = "sriov-network-operator";

  private static List<HasMetadata> render(String... values) {
    return Chart.render(RELEASE, "op", values);
  }

  private static Container operator(List<HasMetadata> manifests) {
    return Chart.all(manifests, Deployment.class)
        .getFirst()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst();
  }

  private static Map<String, String> environment(List<HasMetadata> manifests) {
    Map<String, String> environment = new HashMap<>();
    for (EnvVar variable : operator(manifests).getEnv()) {
      environment.put(variable.getName(), variable.getValue());
    }
    return environment;
  }

  @Test
  void helmFindsNothingToComplainAbout() {
    assertThat(Chart.lint()).returns(0, Chart.Result::status);
  }

  @Test
  void theEnvironmentItGivesIsOneTheOperatorStartsWith() {
    Map<String, String> environment = environment(render());
    // Filled by the kubelet from the pod.
    environment.put("NAMESPACE", "op");
    environment.put("POD_NAME", "pod");

    OperatorSettings settings = OperatorSettings.read(environment);

    assertThat(settings.workloads().resourcePrefix()).isEqualTo("openshift.io");
    assertThat(settings.workloads().cniBinPath()).isEqualTo("/opt/cni/bin");
    assertThat(settings.nodes().staleStateDelay()).hasMinutes(30);
    assertThat(settings.workloads().otherCni().openVswitch()).isEmpty();
  }

  @Test
  void oneImageServesTheNodesUnlessAnotherIsGiven() {
    Map<String, String> environment =
        environment(render("images.sriovConfigDaemon=node:1", "images.sriovDevicePlugin=plugin:2"));

    assertThat(environment)
        .containsEntry("SRIOV_NETWORK_CONFIG_DAEMON_IMAGE", "node:1")
        .containsEntry("SRIOV_CNI_IMAGE", "node:1")
        .containsEntry("SRIOV_DEVICE_PLUGIN_IMAGE", "plugin:2");
  }

  @Test
  void valuesReachTheOperator() {
    List<HasMetadata> manifests =
        render(
            "operator.metricsBindAddress=:8080",
            "operator.externalDrainer.enabled=true",
            "operator.configDaemonMetricsBindAddress=:9110",
            "operator.devicePluginMetricsBindAddress=:9111",
            "json:operator.extraEnv={\"DEV_MODE\":\"TRUE\"}",
            "imagePullSecrets={a,b}");

    assertThat(operator(manifests).getArgs()).containsExactly("--metrics-bind-address=:8080");
    assertThat(environment(manifests))
        .containsEntry("USE_EXTERNAL_DRAINER", "true")
        .containsEntry("DEV_MODE", "TRUE")
        .containsEntry("CONFIG_DAEMON_METRICS_BIND_ADDRESS", ":9110")
        .containsEntry("DEVICE_PLUGIN_METRICS_BIND_ADDRESS", ":9111")
        .containsEntry("IMAGE_PULL_SECRETS", "a,b");
    for (var pod :
        List.of(
            Chart.all(manifests, Deployment.class).getFirst().getSpec().getTemplate().getSpec(),
            Chart.all(manifests, Job.class).getFirst().getSpec().getTemplate().getSpec())) {
      assertThat(pod.getImagePullSecrets())
          .extracting(LocalObjectReference::getName)
          .containsExactly("a", "b");
    }
  }

  @Test
  void pullSecretsMayBeObjectsToo() {
    assertThat(environment(render("json:imagePullSecrets=[{\"name\":\"a\"}]")))
        .containsEntry("IMAGE_PULL_SECRETS", "a");
  }

  @Test
  @Spec("02:167")
  void thereIsNoConfigurationUnlessAskedFor() {
    assertThat(Chart.custom(render())).isEmpty();
    assertThat(Chart.custom(render("sriovOperatorConfig.deploy=true")))
        .singleElement()
        .extracting(config -> config.<Map<String, Object>>get("spec"))
        .isEqualTo(
            Map.of(
                "enableInjector", false,
                "enableOperatorWebhook", false,
                "logLevel", 2,
                "disableDrain", false,
                "configurationMode", "daemon"));
  }

  @Test
  void theConfigurationTakesWhatIsGiven() {
    GenericKubernetesResource config =
        Chart.custom(
                render(
                    "sriovOperatorConfig.deploy=true",
                    "sriovOperatorConfig.configDaemonNodeSelector.sriov=true",
                    "sriovOperatorConfig.featureGates.parallelNicConfig=true",
                    "sriovOperatorConfig.configDaemonEnvVars.N=1",
                    "sriovOperatorConfig.disablePlugins={mellanox}"))
            .getFirst();

    assertThat(config.<Map<String, Object>>get("spec"))
        .containsEntry("configDaemonNodeSelector", Map.of("sriov", "true"))
        .containsEntry("featureGates", Map.of("parallelNicConfig", true))
        .containsEntry("configDaemonEnvVars", Map.of("N", "1"))
        .containsEntry("disablePlugins", List.of("mellanox"));
  }

  @Test
  @Spec("02:171")
  void anotherReleaseNameIsPartOfTheNamesButNotOfTheDaemons() {
    List<HasMetadata> manifests = Chart.render("foo", "op");

    assertThat(Chart.all(manifests, Deployment.class))
        .singleElement()
        .returns("foo-sriov-network-operator", d -> d.getMetadata().getName());
    assertThat(Chart.all(manifests, ServiceAccount.class))
        .extracting(account -> account.getMetadata().getName())
        .containsExactlyInAnyOrder("foo-sriov-network-operator", "sriov-network-config-daemon");
  }

  @ParameterizedTest
  @CsvSource({
    "operator.admissionControllers.enabled=true, operator.admissionControllers.enabled",
    "operator.metricsExporter.prometheusOperator.enabled=true,"
        + " operator.metricsExporter.prometheusOperator.enabled",
    "operator.clusterType=openshift, operator.clusterType",
  })
  void whatIsNotSupportedStopsTheInstallationWithItsName(String value, String name) {
    assertThat(Chart.template(RELEASE, "op", value))
        .returns(1, Chart.Result::status)
        .extracting(Chart.Result::output)
        .asString()
        .contains(name + ": ")
        .contains("not supported by this version");
  }

  private static Map<String, String> operatorPodAnnotations(String... values) {
    return Chart.all(render(values), Deployment.class)
        .getFirst()
        .getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations();
  }

  @Test
  void theListOfCardsIsTheShippedOneAndWhatIsAdded() {
    ConfigMap shipped = Chart.one(render(), ConfigMap.class, "supported-nic-ids");
    ConfigMap more =
        Chart.one(
            render("json:supportedExtraNICs=[\"Mine: \\\"1234 5678 9abc\\\"\"]"),
            ConfigMap.class,
            "supported-nic-ids");

    assertThat(SupportedNics.parse(shipped.getData()).nics())
        .hasSize(48)
        .contains(
            new SupportedNics.Nic("8086", "10c9", "10ca"),
            new SupportedNics.Nic("1d0f", "ec20", "ec20"),
            new SupportedNics.Nic("15b3", "a2dc", "101e"));
    assertThat(more.getData()).hasSize(49).containsEntry("Mine", "1234 5678 9abc");
    // The list is read at start.
    assertThat(operatorPodAnnotations("json:supportedExtraNICs=[\"Mine: \\\"1234 5678 9abc\\\"\"]"))
        .isNotEqualTo(operatorPodAnnotations());
  }

  @Test
  void theHookRunsAsTheOperatorBeforeAnUninstall() {
    Job hook = Chart.all(render(), Job.class).getFirst();
    var pod = hook.getSpec().getTemplate().getSpec();

    assertThat(hook.getMetadata().getAnnotations())
        .containsEntry("helm.sh/hook", "pre-delete")
        .containsEntry(
            "helm.sh/hook-delete-policy", "before-hook-creation,hook-succeeded,hook-failed");
    assertThat(pod.getServiceAccountName()).isEqualTo(RELEASE);
    assertThat(pod.getRestartPolicy()).isEqualTo("Never");
    List<String> arguments = pod.getContainers().getFirst().getArgs();
    assertThat(arguments.getFirst()).isEqualTo(ConfigCleanup.COMMAND);
    assertThat(
            ConfigCleanup.read(
                Map.of(), arguments.subList(1, arguments.size()).toArray(String[]::new)))
        .returns("op", ConfigCleanup::namespace);
  }

  @Test
  void thereAreNoRightsToEverythingOfAKind() {
    List<HasMetadata> manifests = render();
    List<PolicyRule> rules =
        Stream.concat(
                Chart.all(manifests, ClusterRole.class).stream()
                    .flatMap(role -> role.getRules().stream()),
                Chart.all(manifests, Role.class).stream().flatMap(role -> role.getRules().stream()))
            .toList();

    assertThat(rules)
        .isNotEmpty()
        .allSatisfy(rule -> {
          assertThat(rule.getVerbs()).doesNotContain("*", "escalate", "bind", "impersonate");
          assertThat(rule.getResources()).doesNotContain("*", "secrets");
          assertThat(rule.getApiGroups()).doesNotContain("*");
        });
  }

  /** The tests of the other classes fail when a right is missing; this one when one is idle. */
  @Test
  void theOperatorsClusterWideRightsAreTheOnesItsCodeUses() {
    ClusterRole role = Chart.one(render(), ClusterRole.class, RELEASE);

    assertThat(role.getRules())
        .extracting(rule -> Set.copyOf(rule.getResources()), rule -> Set.copyOf(rule.getVerbs()))
        .containsExactlyInAnyOrder(
            tuple(Set.of("nodes"), Set.of("get", "list", "watch", "patch")),
            tuple(Set.of("pods"), Set.of("list", "watch", "delete")),
            tuple(Set.of("pods/eviction"), Set.of("create")),
            tuple(Set.of("daemonsets"), Set.of("get")),
            tuple(Set.of("namespaces"), Set.of("get", "list", "watch")),
            tuple(
                Set.of("network-attachment-definitions"),
                Set.of("get", "list", "watch", "create", "update", "delete")),
            tuple(
                Set.of("sriovnetworks", "sriovibnetworks", "ovsnetworks"),
                Set.of("get", "list", "watch", "patch")),
            tuple(
                Set.of("sriovnetworks/status", "sriovibnetworks/status", "ovsnetworks/status"),
                Set.of("patch")),
            tuple(Set.of("events"), Set.of("create", "patch")));
  }

  private static Tuple tuple(Object... values) {
    return Tuple.tuple(values);
  }

  @Test
  void theOperatorPodIsLockedDown() {
    Container container = operator(render());

    assertThat(container.getSecurityContext())
        .returns(true, c -> c.getReadOnlyRootFilesystem())
        .returns(true, c -> c.getRunAsNonRoot())
        .returns(false, c -> c.getAllowPrivilegeEscalation())
        .returns(List.of("ALL"), c -> c.getCapabilities().getDrop());
    assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
  }

  @Test
  void extraObjectsAreRendered() {
    List<HasMetadata> manifests =
        render(
            "json:extraDeploy=[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":"
                + "{\"name\":\"x-{{ .Release.Name }}\"}}]");

    assertThat(Chart.one(manifests, ConfigMap.class, "x-" + RELEASE)).isNotNull();
  }

  @Test
  void bringsItsOwnDefinitionsAndThatOfMultusWhichStaysAfterAnUninstall() throws Exception {
    try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("crds"))) {
      assertThat(files).hasSize(7);
    }
    assertThat(Chart.all(render(), CustomResourceDefinition.class))
        .singleElement()
        .satisfies(crd -> {
          assertThat(crd.getMetadata().getName())
              .isEqualTo("network-attachment-definitions.k8s.cni.cncf.io");
          assertThat(crd.getMetadata().getAnnotations())
              .containsEntry("helm.sh/resource-policy", "keep");
        });
  }
}
