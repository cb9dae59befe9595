package io.sriov.node.reconcile;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.sriov.node.drain.Waiting;
import io.sriov.plan.node.Blocked;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The node's conditions of a NodeState, our addition to upstream's status. The operator writes
 * others into the same list; they are left as they are.
 */
final class NodeConditions {

  private static final String READY = "Ready";
  private static final String PROGRESSING = "Progressing";
  private static final String VFS_IN_USE = "VFsInUse";
  private static final String REBOOT_REQUIRED = "RebootRequired";
  private static final String REBOOT_LOOP = "RebootLoop";
  private static final String FAILED = "Failed";

  private static final Set<String> OWN =
      Set.of(READY, PROGRESSING, VFS_IN_USE, REBOOT_REQUIRED, REBOOT_LOOP);

  /** Limit of the schema, in characters. */
  private static final int MAX_MESSAGE = 32_768;

  private NodeConditions() {}

  /**
   * {@code Ready} always, the others only while they hold.
   *
   * @param before the stored conditions, from anybody
   */
  static List<Condition> of(Outcome outcome, long generation, List<Condition> before, Clock clock) {
    var own = new ArrayList<Condition>();
    own.add(
        condition(READY, outcome.inSync(), reason(outcome), outcome.lastSyncError(), generation));
    List<Waiting> waiting =
        outcome.waiting().stream().filter(reason -> !reason.forPeople()).toList();
    if (!waiting.isEmpty()) {
      own.add(
          condition(
              PROGRESSING, true, waiting.getFirst().reason(), texts(waiting.stream()), generation));
    }
    if (!outcome.remaining().blocked().isEmpty()) {
      String pods =
          outcome.remaining().blocked().stream()
              .map(Blocked::message)
              .collect(Collectors.joining("; "));
      own.add(condition(VFS_IN_USE, true, VFS_IN_USE, pods, generation));
    }
    reported(outcome, Waiting.RebootWanted.class)
        .map(wanted -> condition(REBOOT_REQUIRED, true, "ReportOnly", wanted.text(), generation))
        .ifPresent(own::add);
    reported(outcome, Waiting.RebootLoop.class)
        .map(loop -> condition(REBOOT_LOOP, true, "TooManyReboots", loop.text(), generation))
        .ifPresent(own::add);
    return merged(own, before, clock);
  }

  /** The host could not be read: not ready, and whatever else was known still holds. */
  static List<Condition> failed(
      String error, long generation, List<Condition> before, Clock clock) {
    Stream<Condition> known =
        before.stream().filter(old -> OWN.contains(old.getType()) && !old.getType().equals(READY));
    List<Condition> own =
        Stream.concat(Stream.of(condition(READY, false, FAILED, error, generation)), known)
            .toList();
    return merged(own, before, clock);
  }

  private static <W extends Waiting> Optional<W> reported(Outcome outcome, Class<W> kind) {
    return outcome.waiting().stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  private static String reason(Outcome outcome) {
    if (outcome.inSync()) {
      return "Succeeded";
    }
    if (!outcome.failures().isEmpty() || outcome.waiting().isEmpty()) {
      return outcome.waitsForPods() ? VFS_IN_USE : FAILED;
    }
    return outcome.waiting().getFirst().reason();
  }

  private static String texts(Stream<Waiting> waiting) {
    return waiting.map(Waiting::text).collect(Collectors.joining("; "));
  }

  private static Condition condition(
      String type, boolean holds, String reason, String message, long generation) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(holds ? "True" : "False")
        .withReason(reason)
        .withMessage(
            message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 1) + "…")
        .withObservedGeneration(generation)
        .build();
  }

  /** In the order in which they are stored, so that nothing changed is seen as that. */
  private static List<Condition> merged(List<Condition> own, List<Condition> before, Clock clock) {
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    var merged = new ArrayList<Condition>();
    for (Condition old : before) {
      if (!OWN.contains(old.getType())) {
        merged.add(old);
      } else {
        of(old.getType(), own).map(condition -> dated(condition, old, now)).ifPresent(merged::add);
      }
    }
    own.stream()
        .filter(condition -> of(condition.getType(), before).isEmpty())
        .map(condition -> dated(condition, null, now))
        .forEach(merged::add);
    return List.copyOf(merged);
  }

  /** The stored conditions with one of a type that is not this class's, in its old place. */
  static List<Condition> with(List<Condition> before, Condition other, Clock clock) {
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    var merged = new ArrayList<Condition>();
    for (Condition old : before) {
      merged.add(old.getType().equals(other.getType()) ? dated(other, old, now) : old);
    }
    if (of(other.getType(), before).isEmpty()) {
      merged.add(dated(other, null, now));
    }
    return List.copyOf(merged);
  }

  private static Optional<Condition> of(String type, List<Condition> conditions) {
    return conditions.stream().filter(condition -> condition.getType().equals(type)).findFirst();
  }

  private static Condition dated(Condition condition, @Nullable Condition old, String now) {
    String since =
        old == null || !Objects.equals(old.getStatus(), condition.getStatus())
            ? null
            : old.getLastTransitionTime();
    return new ConditionBuilder(condition)
        .withLastTransitionTime(Objects.requireNonNullElse(since, now))
        .build();
  }
}
