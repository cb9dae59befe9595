package io.sriov.node.drain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Annotations of the hand-shake between node and drainer (spec 02 §5).
 *
 * @param node the Node's request; null when it was not read, empty when it is not there
 * @param desired the NodeState's request, null without
 * @param current what the drainer says, null without
 * @param pods the request's pods, null without
 * @param hold why drains and reboots wait, null when they need not
 * @param givenUp whether the drain for this very generation was given up
 * @param external whether the NodeState is marked for an external drainer
 */
public record Marks(
    @Nullable String node,
    @Nullable String desired,
    @Nullable String current,
    @Nullable List<String> pods,
    @Nullable String hold,
    boolean givenUp,
    boolean external) {

  private static final JsonMapper JSON = new JsonMapper();

  /**
   * Those of {@code state}.
   *
   * @param node the Node's request; null when it was not read, empty when it is not there
   */
  public static Marks of(SriovNetworkNodeState state, @Nullable String node) {
    Map<String, String> on =
        Objects.requireNonNullElse(state.getMetadata().getAnnotations(), Map.of());
    return new Marks(
        node,
        on.get(Names.DESIRED_STATE),
        on.get(Names.CURRENT_STATE),
        parsed(on.get(Names.DRAIN_PODS)),
        on.get(Names.HOLD),
        String.valueOf(state.getMetadata().getGeneration()).equals(on.get(Names.DRAIN_GIVEN_UP)),
        on.containsKey(Names.USE_EXTERNAL_DRAINER));
  }

  /** What somebody wrote by hand and is no list of pods is replaced by ours. */
  private static @Nullable List<String> parsed(@Nullable String json) {
    if (json == null) {
      return null;
    }
    try {
      return List.of(JSON.readValue(json, String[].class));
    } catch (JsonProcessingException e) {
      return List.of();
    }
  }

  /** The value of {@link Names#DRAIN_PODS}. */
  static String json(List<String> pods) {
    try {
      return JSON.writeValueAsString(pods);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names cannot be written as JSON", e);
    }
  }

  /** Whether nothing of a drain has begun or is asked for. */
  boolean idle() {
    return (desired == null && current == null)
        || (Names.IDLE.equals(desired) && Names.IDLE.equals(current));
  }

  /** Whether the annotations say {@code request} already. */
  boolean say(DrainRequest request) {
    return request.state().equals(desired)
        && Objects.equals(request.pods(), pods)
        && (node == null || request.state().equals(node));
  }
}
