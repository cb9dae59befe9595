package io.sriov.node.drain;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.sriov.api.Names;
import io.sriov.api.RebootPolicy;
import io.sriov.api.SriovNetworkNodeState;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes the annotations by which node and drainer agree, and asks who keeps his place in
 * a drain. A request is tried once and given up after 5 s: work on the host must not wait for an
 * API server that is away, and the loop comes back by itself.
 */
public final class HandShake {

  private static final int SECONDS = 5;
  private static final String MIRROR_POD = "kubernetes.io/config.mirror";
  private static final RequestConfig ONCE =
      new RequestConfigBuilder()
          .withRequestRetryBackoffLimit(0)
          .withRequestTimeout(SECONDS * 1000)
          .build();
  private static final Logger log = LoggerFactory.getLogger(HandShake.class);

  private final KubernetesClient client;
  private final String node;

  /**
   * @param node this node's name
   */
  public HandShake(KubernetesClient client, String node) {
    this.client = client.newClient(ONCE).adapt(KubernetesClient.class);
    this.node = node;
  }

  /**
   * What is written on the Node.
   *
   * @param request annotation {@link Names#NODE_STATE}, empty when it is not there
   * @param rebootPolicy of an administrator, for this node alone
   */
  public record OnNode(String request, Optional<RebootPolicy> rebootPolicy) {}

  /** Reads the Node. */
  public OnNode onNode() throws IOException {
    Node found = node();
    if (found == null) {
      return new OnNode("", Optional.empty());
    }
    Map<String, String> on = annotations(found);
    return new OnNode(on.getOrDefault(Names.NODE_STATE, ""), policy(on.get(Names.REBOOT_POLICY)));
  }

  private @Nullable Node node() throws IOException {
    return call("read Node " + node, () -> client.nodes().withName(node).get());
  }

  /** A word that is no policy leaves the decision to the operator's configuration. */
  private static Optional<RebootPolicy> policy(@Nullable String word) {
    if (word == null) {
      return Optional.empty();
    }
    Optional<RebootPolicy> known =
        Arrays.stream(RebootPolicy.values()).filter(p -> p.value().equals(word)).findFirst();
    if (known.isEmpty()) {
      log.warn(
          "annotation {} of the Node is \"{}\", which is neither reboot nor report: it is ignored",
          Names.REBOOT_POLICY,
          word);
    }
    return known;
  }

  /** The NodeState as the API server has it now; empty when it is gone. */
  public Optional<SriovNetworkNodeState> now(SriovNetworkNodeState state) throws IOException {
    return Optional.ofNullable(
        call("read the SriovNetworkNodeState", () -> client.resource(state).get()));
  }

  /**
   * Writes a request, on the Node first: that is where the drainer looks, and a node that fails in
   * between writes it again.
   *
   * @return the NodeState afterwards
   */
  public SriovNetworkNodeState write(SriovNetworkNodeState state, DrainRequest request)
      throws IOException {
    Node found = node();
    if (found == null) {
      throw new IOException("cannot ask for " + request.state() + ": there is no Node " + node);
    }
    if (!request.state().equals(annotations(found).get(Names.NODE_STATE))) {
      // Of an object at hand: the client would read one known by name once more.
      call(
          "write the Node's annotation " + Names.NODE_STATE,
          () ->
              client
                  .resource(found)
                  .patch(
                      PatchContext.of(PatchType.JSON_MERGE),
                      patch(Map.of(Names.NODE_STATE, request.state()))));
    }
    var wanted = new TreeMap<String, @Nullable String>();
    wanted.put(Names.DESIRED_STATE, request.state());
    wanted.put(Names.DRAIN_PODS, request.pods() == null ? null : Marks.json(request.pods()));
    SriovNetworkNodeState written = annotate(state, wanted);
    log.info(
        "asked the drainer for {}{}",
        request.state(),
        request.pods() == null ? "" : ", pods " + request.pods());
    return written;
  }

  /** Marks the NodeState for an external drainer, or removes the mark. */
  public SriovNetworkNodeState markExternal(SriovNetworkNodeState state, boolean external)
      throws IOException {
    var wanted = new HashMap<String, @Nullable String>();
    wanted.put(Names.USE_EXTERNAL_DRAINER, external ? "true" : null);
    return annotate(state, wanted);
  }

  private SriovNetworkNodeState annotate(
      SriovNetworkNodeState state, Map<String, @Nullable String> annotations) throws IOException {
    SriovNetworkNodeState written =
        call(
            "write annotations of the SriovNetworkNodeState",
            () ->
                client
                    .resource(state)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), patch(annotations)));
    return Objects.requireNonNullElse(written, state);
  }

  /**
   * Which of {@code pods} a drain leaves where they are, with the reason: those of DaemonSets, and
   * mirrors of static pods.
   */
  public Map<String, String> kept(Collection<String> pods) throws IOException {
    var kept = new TreeMap<String, String>();
    for (String name : pods) {
      int slash = name.indexOf('/');
      String namespace = name.substring(0, slash);
      Pod pod =
          call(
              "read pod " + name,
              () -> client.pods().inNamespace(namespace).withName(name.substring(slash + 1)).get());
      if (pod != null) {
        keeper(pod).ifPresent(keeper -> kept.put(name, keeper));
      }
    }
    return kept;
  }

  private static Optional<String> keeper(Pod pod) {
    if (annotations(pod).containsKey(MIRROR_POD)) {
      return Optional.of("a static pod");
    }
    return pod.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .filter(owner -> owner.getKind().equals("DaemonSet"))
        .map(owner -> "of DaemonSet " + owner.getName())
        .findFirst();
  }

  private static Map<String, String> annotations(HasMetadata object) {
    return Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
  }

  private String patch(Map<String, ? extends @Nullable String> annotations) {
    return client
        .getKubernetesSerialization()
        .asJson(Map.of("metadata", Map.of("annotations", annotations)));
  }

  private static <T extends @Nullable Object> T call(String what, Supplier<T> request)
      throws IOException {
    try {
      return request.get();
    } catch (KubernetesClientException e) {
      throw new IOException("cannot " + what + ": " + e.getMessage(), e);
    }
  }
}
