package io.sriov.operator.drain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.operator.node.Applied;
import io.sriov.operator.pool.Standing;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What of a node and its NodeState matters for a drain (spec 02 §5).
 *
 * @param request N: the node's annotation {@code state}
 * @param desired D: the node state's annotation {@code desired-state}
 * @param current C: the node state's annotation {@code current-state}
 * @param managed whether a config daemon runs there
 * @param hasState whether the node state exists
 * @param external whether somebody else drains the node
 * @param schedulable not cordoned by anybody
 * @param marked cordoned by us
 * @param pods of which the node says that they hold VFs in question, {@code namespace/name}; empty
 *     if it says nothing
 * @param givenUp whether the drain for this very generation was given up
 * @param since when the drain began
 * @param hold what the node is told about why it has to wait
 * @param failure why the rollout stops at this node
 */
record DrainFacts(
    Optional<String> request,
    Optional<String> desired,
    Optional<String> current,
    boolean managed,
    boolean hasState,
    boolean external,
    boolean schedulable,
    boolean marked,
    Optional<Set<String>> pods,
    boolean givenUp,
    Optional<Instant> since,
    Optional<String> hold,
    Optional<String> failure) {

  private static final ObjectMapper JSON = new ObjectMapper();

  static DrainFacts of(Node node, @Nullable SriovNetworkNodeState state, boolean managed) {
    return new DrainFacts(
        annotation(node, Names.NODE_STATE),
        annotation(state, Names.DESIRED_STATE),
        annotation(state, Names.CURRENT_STATE),
        managed,
        state != null,
        annotation(state, Names.USE_EXTERNAL_DRAINER).filter("true"::equals).isPresent(),
        isSchedulable(node),
        annotation(node, Names.CORDONED).isPresent(),
        annotation(state, Names.DRAIN_PODS).flatMap(DrainFacts::names),
        state != null
            && annotation(state, Names.DRAIN_GIVEN_UP)
                .filter(String.valueOf(state.getMetadata().getGeneration())::equals)
                .isPresent(),
        annotation(state, Names.DRAINING_SINCE).flatMap(DrainFacts::instant),
        annotation(state, Names.HOLD),
        state == null ? Optional.empty() : Applied.failure(state));
  }

  static boolean isSchedulable(Node node) {
    return node.getSpec() == null || !Boolean.TRUE.equals(node.getSpec().getUnschedulable());
  }

  boolean asksForReboot() {
    return request.filter(Names.REBOOT_REQUIRED::equals).isPresent();
  }

  /** Whether a drain has begun and is not said to be over. */
  boolean begun() {
    return isCurrent(Names.DRAINING) || isCurrent(Names.DRAIN_COMPLETE);
  }

  /**
   * What counts of the node for the others in its pool. One that has our cordon takes a slot
   * although its node state may be lost: nothing is scheduled to it.
   */
  Standing standing() {
    boolean busy = begun() || marked;
    boolean requests = asksForReboot() || request.filter(Names.DRAIN_REQUIRED::equals).isPresent();
    boolean asks = requests && isCurrent(Names.IDLE) && managed && !external && !givenUp;
    return new Standing(busy, asks, managed ? failure : Optional.empty());
  }

  boolean isCurrent(String value) {
    return current.filter(value::equals).isPresent();
  }

  static Optional<String> annotation(@Nullable HasMetadata object, String name) {
    Map<String, String> annotations = object == null ? null : object.getMetadata().getAnnotations();
    return annotations == null ? Optional.empty() : Optional.ofNullable(annotations.get(name));
  }

  /** Empty for what is no list: then the pods are found as for a node that says nothing. */
  private static Optional<Set<String>> names(String json) {
    try {
      String[] names = JSON.readValue(json, String[].class);
      return Optional.ofNullable(names)
          .map(n ->
              Arrays.stream(n).filter(Objects::nonNull).collect(Collectors.toUnmodifiableSet()));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
