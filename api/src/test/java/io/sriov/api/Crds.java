package io.sriov.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Generates the CRDs from the records, with the details that the generator has no annotation for.
 */
final class Crds {

  private static final List<Class<? extends CustomResource<?, ?>>> KINDS =
      List.of(
          SriovNetworkNodePolicy.class,
          SriovNetworkNodeState.class,
          SriovNetwork.class,
          SriovIBNetwork.class,
          OVSNetwork.class,
          SriovNetworkPoolConfig.class,
          SriovOperatorConfig.class);

  private Crds() {}

  /** YAML by the file name upstream uses, {@code <group>_<plural>.yaml}. */
  static Map<String, String> generate() throws IOException {
    Path folder = Files.createTempDirectory("crds");
    CRDGenerator generator = new CRDGenerator().inOutputDir(folder.toFile()).forCRDVersions("v1");
    KINDS.forEach(generator::customResourceClasses);
    generator.detailedGenerate();
    Map<String, String> yaml = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        CustomResourceDefinition crd =
            Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
        finish(crd);
        yaml.put(
            crd.getSpec().getGroup() + "_" + crd.getSpec().getNames().getPlural() + ".yaml",
            Serialization.asYaml(crd));
      }
    }
    return yaml;
  }

  private static void finish(CustomResourceDefinition crd) {
    columnsInOrderOfDeclaration(crd);
    var schema = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    var status = schema.getProperties().get("status");
    var conditions = status == null ? null : status.getProperties().get("conditions");
    if (conditions != null) {
      conditions.setXKubernetesListType("map");
      conditions.setXKubernetesListMapKeys(List.of("type"));
      describeCondition(conditions.getItems().getSchema());
    }
    var pool = schema.getProperties().get("spec").getProperties().get("nodeSelector");
    if (pool != null
        && pool.getProperties() != null
        && pool.getProperties().containsKey("matchLabels")) {
      pool.setXKubernetesMapType("atomic");
      pool.getProperties().get("matchExpressions").setXKubernetesListType("atomic");
      var expression = pool.getProperties().get("matchExpressions").getItems().getSchema();
      expression.setRequired(List.of("key", "operator"));
      expression
          .getProperties()
          .get("operator")
          .setEnum(SriovNetworkPoolConfigSpec.SELECTOR_OPERATORS.stream().map(Crds::json).toList());
      expression.getProperties().get("values").setXKubernetesListType("atomic");
    }
  }

  /** The generator sorts printer columns by path; a reader expects the declared order. */
  private static void columnsInOrderOfDeclaration(CustomResourceDefinition crd) {
    String kind = crd.getSpec().getNames().getKind();
    List<String> declared =
        KINDS.stream()
            .filter(type -> type.getSimpleName().equals(kind))
            .flatMap(type -> Stream.of(type.getAnnotationsByType(AdditionalPrinterColumn.class)))
            .map(AdditionalPrinterColumn::name)
            .toList();
    crd.getSpec()
        .getVersions()
        .getFirst()
        .getAdditionalPrinterColumns()
        .sort(Comparator.comparingInt(column -> declared.indexOf(column.getName())));
  }

  /** The standard {@code metav1.Condition} schema (spec 01 §2.1). */
  private static void describeCondition(JSONSchemaProps condition) {
    condition.setRequired(List.of("lastTransitionTime", "message", "reason", "status", "type"));
    Map<String, JSONSchemaProps> p = condition.getProperties();
    p.get("type").setMaxLength(316L);
    p.get("type")
        .setPattern(
            "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
                + "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$");
    p.get("status").setEnum(Stream.of("True", "False", "Unknown").map(Crds::json).toList());
    p.get("reason").setMinLength(1L);
    p.get("reason").setMaxLength(1024L);
    p.get("reason").setPattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$");
    p.get("message").setMaxLength(32768L);
    p.get("lastTransitionTime").setFormat("date-time");
    p.get("observedGeneration").setFormat("int64");
    p.get("observedGeneration").setMinimum(0.0);
  }

  private static JsonNode json(String text) {
    return TextNode.valueOf(text);
  }
}
