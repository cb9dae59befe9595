package io.sriov.node.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sriov.plan.node.Inventory.Pf;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the device plugin may offer while some PFs are not yet as they shall be: of these what it
 * offered before, of all others what it shall.
 */
final class PluginConfig {

  /** What the plugin gets when its node has no resources any more. */
  static final String NOTHING = "{\"resourceList\":null}";

  private static final List<String> BY_NAME = List.of("pfNames", "rootDevices");
  private static final JsonMapper JSON = new JsonMapper();
  private static final Logger log = LoggerFactory.getLogger(PluginConfig.class);

  private PluginConfig() {}

  /**
   * The configuration to write, empty when there is none yet.
   *
   * @param wanted the node's key of the ConfigMap; null without
   * @param present what the plugin has now; null without
   * @param unsettled PFs whose VFs are not, or not all, as they shall be
   */
  static Optional<String> offered(
      @Nullable String wanted, @Nullable String present, Collection<Pf> unsettled) {
    if (wanted == null) {
      return Optional.ofNullable(present == null ? null : NOTHING);
    }
    if (unsettled.isEmpty()) {
      return Optional.of(wanted);
    }
    try {
      JsonNode all = JSON.readTree(wanted);
      ArrayNode kept = JSON.createArrayNode();
      for (JsonNode resource : all.path("resourceList")) {
        partly(resource, earlier(resource, present), unsettled).ifPresent(kept::add);
      }
      if (kept.isEmpty()) {
        return Optional.ofNullable(present == null ? null : NOTHING);
      }
      return all.path("resourceList").equals(kept)
          ? Optional.of(wanted)
          : Optional.of(
              JSON.writeValueAsString(((ObjectNode) all.deepCopy()).set("resourceList", kept)));
    } catch (JsonProcessingException e) {
      // Whatever it is, the plugin says what is wrong with it.
      log.warn("the device plugin's configuration is no JSON: {}", e.getOriginalMessage());
      return Optional.of(wanted);
    }
  }

  private static Optional<JsonNode> earlier(JsonNode resource, @Nullable String present) {
    if (present == null) {
      return Optional.empty();
    }
    try {
      return list(JSON.readTree(present))
          .filter(old -> old.path("resourceName").equals(resource.path("resourceName")))
          .filter(old -> old.path("resourcePrefix").equals(resource.path("resourcePrefix")))
          .findFirst();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Stream<JsonNode> list(JsonNode config) {
    return StreamSupport.stream(config.path("resourceList").spliterator(), false);
  }

  /** The resource without what it newly says about unsettled PFs; empty when nothing is left. */
  private static Optional<JsonNode> partly(
      JsonNode resource, Optional<JsonNode> earlier, Collection<Pf> unsettled) {
    String selector =
        BY_NAME.stream()
            .filter(name -> !resource.path("selectors").path(name).isEmpty())
            .findFirst()
            .orElse(null);
    if (selector == null) {
      // By model: it may be any PF.
      return earlier;
    }
    Set<String> names =
        unsettled.stream()
            .flatMap(
                pf -> Stream.concat(Stream.of(pf.pci().value(), pf.name()), pf.altNames().stream()))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> wanted = texts(resource, selector);
    if (wanted.stream().noneMatch(element -> names.contains(pfOf(element)))) {
      return Optional.of(resource);
    }
    List<String> left =
        Stream.concat(
                wanted.stream().filter(element -> !names.contains(pfOf(element))),
                earlier.stream()
                    .flatMap(old -> texts(old, selector).stream())
                    .filter(element -> names.contains(pfOf(element))))
            .distinct()
            .toList();
    if (left.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode partly = resource.deepCopy();
    ArrayNode elements = JSON.createArrayNode();
    left.forEach(elements::add);
    ((ObjectNode) partly.path("selectors")).set(selector, elements);
    return Optional.of(partly);
  }

  private static List<String> texts(JsonNode resource, String selector) {
    return StreamSupport.stream(resource.path("selectors").path(selector).spliterator(), false)
        .map(JsonNode::asText)
        .toList();
  }

  /** {@code eno1#0-3} is some VFs of {@code eno1}. */
  private static String pfOf(String element) {
    int range = element.indexOf('#');
    return range < 0 ? element : element.substring(0, range);
  }
}
