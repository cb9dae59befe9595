package io.sriov.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects of the lab as {@code kubectl get -o jsonpath} does, without a process: tests ask
 * twice a second, and a kubectl takes processor time from the nodes that they wait for.
 */
final class Reader {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern EXPRESSION = Pattern.compile("\\{([^}]*)}");

  /** {@code .name}, dots in it escaped; {@code [*]}; {@code [0]}; {@code [?(@.name=="value")]}. */
  private static final Pattern STEP =
      Pattern.compile(
          "\\.(?<field>(?:\\\\.|[^.\\[\\\\])+)"
              + "|\\[\\*]"
              + "|\\[(?<index>\\d+)]"
              + "|\\[\\?\\(@\\.(?<key>\\w+)==\"(?<value>[^\"]*)\"\\)]");

  private final KubernetesClient client;

  Reader(Path kubeconfig) {
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.fromKubeconfig(kubeconfig.toFile()))
                    // The client takes a PKCS #8 key for an RSA key unless it is told; the lab's
                    // are EC.
                    .withClientKeyAlgo("EC")
                    .withRequestRetryBackoffLimit(0)
                    .withRequestTimeout(30_000)
                    .build())
            .build();
  }

  /**
   * @param path of the API, e.g. {@code /api/v1/nodes/worker1}
   * @param template text with expressions in braces; of several values one expression gives all,
   *     with spaces between, of none nothing
   * @throws IllegalStateException when there is no such object or no answer
   */
  String read(String path, String template) {
    try {
      String text = client.raw(path);
      if (text == null) {
        throw new IllegalStateException("there is no " + path);
      }
      return fill(template, JSON.readTree(text));
    } catch (KubernetesClientException | JsonProcessingException e) {
      throw new IllegalStateException("cannot read " + path, e);
    }
  }

  static String fill(String template, JsonNode object) {
    return EXPRESSION
        .matcher(template)
        .replaceAll(match -> Matcher.quoteReplacement(evaluate(match.group(1), object)));
  }

  private static String evaluate(String path, JsonNode object) {
    List<JsonNode> found = List.of(object);
    Matcher step = STEP.matcher(path);
    int end = 0;
    for (; step.find() && step.start() == end; end = step.end()) {
      List<JsonNode> next = new ArrayList<>();
      found.forEach(node -> follow(step, node).forEach(next::add));
      found = next;
    }
    if (end != path.length()) {
      throw new IllegalArgumentException(path + " cannot be read from '" + path.substring(end));
    }
    return found.stream()
        .map(node -> node.isValueNode() ? node.asText() : node.toString())
        .collect(Collectors.joining(" "));
  }

  private static Stream<JsonNode> follow(Matcher step, JsonNode node) {
    String field = step.group("field");
    String index = step.group("index");
    String key = step.group("key");
    if (field != null) {
      return present(node.get(field.replace("\\", "")));
    } else if (index != null) {
      return present(node.get(Integer.parseInt(index)));
    } else if (key != null) {
      return node.valueStream()
          .filter(element -> element.path(key).asText().equals(step.group("value")));
    }
    return node.valueStream();
  }

  private static Stream<JsonNode> present(@Nullable JsonNode node) {
    return node == null || node.isNull() ? Stream.empty() : Stream.of(node);
  }
}
