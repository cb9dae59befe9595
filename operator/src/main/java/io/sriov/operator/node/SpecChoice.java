package io.sriov.operator.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sriov.api.Names;
import io.sriov.api.OnFailure;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which spec a node gets: the wanted one, or, after it has failed and the pool asks for that, the
 * last one that worked, until something else is wanted.
 *
 * @param spec what to write
 * @param resources the node's device plugin configuration that belongs to it
 * @param annotations of the node state that have to change; null removes one
 * @param stopped why the rollout stops at this node; empty if it does not
 */
record SpecChoice(
    SriovNetworkNodeStateSpec spec,
    String resources,
    Map<String, @Nullable String> annotations,
    Optional<Stopped> stopped) {

  /** Why a rollout stops at a node: reason for programs, text for people. */
  record Stopped(String reason, String text) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param wanted by the policies
   * @param resources device plugin configuration by the policies
   */
  static SpecChoice of(
      SriovNetworkNodeState state,
      SriovNetworkNodeStateSpec wanted,
      String resources,
      OnFailure onFailure) {
    String hash = hash(wanted);
    Optional<SriovNetworkNodeStateSpec> good =
        annotation(state, Names.LAST_GOOD_SPEC)
            // One without the other is no state the node could be returned to.
            .filter(_ -> annotation(state, Names.LAST_GOOD_RESOURCES).isPresent())
            .flatMap(SpecChoice::spec);
    Optional<String> rolledBack = annotation(state, Names.ROLLED_BACK);
    Applied applied = Applied.of(state);
    if (good.isPresent() && rolledBack.filter(hash::equals).isPresent()) {
      return returned(state, good.get(), Map.of(), applied);
    }
    boolean isWanted = NodeStatePatch.same(wanted, state.getSpec());
    if (applied == Applied.FAILED && isWanted && onFailure == OnFailure.ROLLBACK) {
      if (good.isPresent() && !NodeStatePatch.same(wanted, good.get())) {
        return returned(state, good.get(), Map.of(Names.ROLLED_BACK, hash), Applied.PENDING);
      }
    }
    Map<String, @Nullable String> annotations = new HashMap<>();
    if (rolledBack.isPresent()) {
      annotations.put(Names.ROLLED_BACK, null);
    }
    if (applied == Applied.GOOD && isWanted) {
      keep(annotations, state, Names.LAST_GOOD_SPEC, json(wanted));
      keep(annotations, state, Names.LAST_GOOD_RESOURCES, resources);
    }
    return new SpecChoice(
        wanted,
        resources,
        annotations,
        applied == Applied.FAILED && isWanted
            ? Optional.of(failed(state, onFailure, good.isPresent()))
            : Optional.empty());
  }

  private static SpecChoice returned(
      SriovNetworkNodeState state,
      SriovNetworkNodeStateSpec good,
      Map<String, @Nullable String> annotations,
      Applied applied) {
    boolean goodFails = applied == Applied.FAILED && NodeStatePatch.same(good, state.getSpec());
    Stopped stopped =
        goodFails
            ? new Stopped(
                "RollbackFailed",
                "The last spec that worked does not work any more either: " + Applied.error(state))
            : annotations.isEmpty() ? before(state) : rolledBack(Applied.error(state));
    return new SpecChoice(
        good,
        annotation(state, Names.LAST_GOOD_RESOURCES).orElseThrow(),
        annotations,
        Optional.of(stopped));
  }

  /** What went wrong was said when the node was returned; the node itself reports success now. */
  private static Stopped before(SriovNetworkNodeState state) {
    return Optional.ofNullable(state.getStatus())
        .flatMap(status -> Applied.condition(status, Applied.ROLLOUT_STOPPED))
        .filter(condition -> "RolledBack".equals(condition.getReason()))
        .map(condition -> new Stopped("RolledBack", condition.getMessage()))
        .orElseGet(() -> rolledBack("see the events of the node state"));
  }

  private static Stopped rolledBack(String error) {
    return new Stopped(
        "RolledBack",
        "returned to the last spec that worked, because the wanted one failed: " + error);
  }

  private static Stopped failed(
      SriovNetworkNodeState state, OnFailure onFailure, boolean knownGood) {
    String why = "the wanted spec failed: " + Applied.error(state);
    return new Stopped(
        "ApplyFailed",
        onFailure == OnFailure.ROLLBACK && !knownGood
            ? why + "; there is no earlier spec that worked to return to"
            : why);
  }

  private static void keep(
      Map<String, @Nullable String> annotations,
      SriovNetworkNodeState state,
      String name,
      String value) {
    if (annotation(state, name).filter(value::equals).isEmpty()) {
      annotations.put(name, value);
    }
  }

  private static Optional<String> annotation(SriovNetworkNodeState state, String name) {
    return Optional.ofNullable(NodeStatePatch.annotation(state, name));
  }

  /** Empty for what somebody has broken by hand: then nothing is known to have worked. */
  private static Optional<SriovNetworkNodeStateSpec> spec(String json) {
    try {
      return Optional.ofNullable(JSON.readValue(json, SriovNetworkNodeStateSpec.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static String json(SriovNetworkNodeStateSpec spec) {
    try {
      return JSON.writeValueAsString(spec);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of the spec as JSON: the members of records have one order. */
  static String hash(SriovNetworkNodeStateSpec spec) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(json(spec).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
