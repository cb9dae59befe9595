package io.sriov.operator;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The Helm chart, rendered by helm. */
final class Chart {

  static final Path FOLDER = Path.of(System.getProperty("sriov.root"), "chart");
  private static final Path BUILD_TOOLS =
      Path.of(System.getProperty("sriov.root"), "lab", "build-tools");
  private static final Path HELM =
      Path.of(word(run(BUILD_TOOLS.toString(), "cli").output()), "helm");

  /** What helm printed and how it ended. */
  record Result(int status, String output) {}

  private Chart() {}

  /** Manifests of release {@code release} in {@code namespace}, hooks included. */
  static List<HasMetadata> render(String release, String namespace, String... values) {
    Result result = template(release, namespace, values);
    if (result.status() != 0) {
      throw new IllegalStateException(result.output());
    }
    return Arrays.stream(result.output().split("(?m)^---\\s*$"))
        .filter(document -> document.lines().anyMatch(l -> !l.isBlank() && !l.startsWith("#")))
        .map(document -> (HasMetadata) Serialization.unmarshal(document))
        .toList();
  }

  /** Runs {@code helm template}; {@code values} as after {@code --set}. */
  static Result template(String release, String namespace, String... values) {
    List<String> command =
        new ArrayList<>(
            List.of(
                HELM.toString(), "template", release, FOLDER.toString(), "--namespace", namespace));
    for (String value : values) {
      command.add(value.contains("=\"") || value.startsWith("json:") ? "--set-json" : "--set");
      command.add(value.startsWith("json:") ? value.substring(5) : value);
    }
    return run(command.toArray(String[]::new));
  }

  static Result lint() {
    return run(HELM.toString(), "lint", FOLDER.toString(), "--strict");
  }

  static <T extends HasMetadata> List<T> all(List<HasMetadata> manifests, Class<T> type) {
    return manifests.stream().filter(type::isInstance).map(type::cast).toList();
  }

  static <T extends HasMetadata> T one(List<HasMetadata> manifests, Class<T> type, String name) {
    return all(manifests, type).stream()
        .filter(manifest -> manifest.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " " + name));
  }

  static List<GenericKubernetesResource> custom(List<HasMetadata> manifests) {
    return all(manifests, GenericKubernetesResource.class);
  }

  private static String word(String line) {
    return line.strip().split(" ", 2)[1];
  }

  private static Result run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectErrorStream(!command[0].endsWith("tools")).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
