package io.sriov.node.drain;

import io.sriov.api.Names;
import io.sriov.api.RebootPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a change goes on that pods would notice (spec 03 §3.8–3.10, spec 02 §5.5).
 *
 * @param request what Node and NodeState shall say; empty when they say it already
 * @param external whether the NodeState is to be marked for an external drainer (true) or that mark
 *     is to be removed (false); empty when it is right
 * @param next what the node does
 * @param waiting why that is not everything, worst first
 */
public record DrainDecision(
    Optional<DrainRequest> request, Optional<Boolean> external, Next next, List<Waiting> waiting) {

  /** What the node does now. */
  public sealed interface Next {

    /** What no pod notices. */
    record Apply() implements Next {}

    /** Nothing, because a reboot comes and would undo it. */
    record Stay() implements Next {}

    /**
     * Everything, although pods hold VFs: {@code from} keep running and lose theirs, after they
     * were named in an event.
     */
    record Take(List<String> from) implements Next {}

    /** A reboot. */
    record Reboot() implements Next {}
  }

  private static final Next APPLY = new Next.Apply();
  private static final Next STAY = new Next.Stay();
  private static final Next REBOOT = new Next.Reboot();

  public DrainDecision {
    waiting = List.copyOf(waiting);
  }

  /** Decides. */
  public static DrainDecision of(DrainFacts facts) {
    return new Case(facts).decided();
  }

  /** One decision in the making. */
  private static final class Case {

    private final DrainFacts facts;
    private final Marks marks;
    private final Holders holders;
    private final List<Waiting> waiting = new ArrayList<>();
    private final boolean reboot;

    Case(DrainFacts facts) {
      this.facts = facts;
      this.marks = facts.marks();
      this.holders = facts.holders();
      boolean needed = !facts.rebootReasons().isEmpty();
      boolean reported = facts.rules().rebootPolicy() == RebootPolicy.REPORT;
      boolean looping = facts.reboots().done() >= facts.rules().maxReboots();
      if (needed && reported) {
        waiting.add(new Waiting.RebootWanted(facts.rebootReasons()));
      } else if (needed && looping && !facts.reboots().underWay()) {
        waiting.add(new Waiting.RebootLoop(facts.reboots().done(), facts.rebootReasons()));
      }
      this.reboot = needed && !reported && !looping;
    }

    DrainDecision decided() {
      if (facts.reboots().underWay()) {
        return with(null, STAY, new Waiting.Rebooting());
      }
      String current = Objects.requireNonNullElse(marks.current(), Names.IDLE);
      return switch (current) {
        case Names.DRAINING, Names.DRAIN_COMPLETE -> {
          if (reboot && !Names.REBOOT_REQUIRED.equals(marks.desired())) {
            // A drain of some pods is not enough for a reboot: back to the start.
            yield with(DrainRequest.IDLE, STAY, new Waiting.ForIdle());
          }
          yield current.equals(Names.DRAINING) ? draining() : drained();
        }
        default -> facts.rules().disableDrain() ? undrained() : idle();
      };
    }

    private DrainDecision draining() {
      if (reboot) {
        return with(null, STAY, new Waiting.ForDrain());
      }
      if (holders.none() && asked()) {
        DrainRequest less = nobody();
        return with(
            less,
            APPLY,
            less == DrainRequest.IDLE ? new Waiting.ForIdle() : new Waiting.ForDrain());
      }
      if (Names.DRAIN_REQUIRED.equals(marks.desired()) && !holders.pods().isEmpty()) {
        return with(DrainRequest.drain(holders.pods()), APPLY, new Waiting.ForDrain());
      }
      return with(null, APPLY, asked() ? new Waiting.ForDrain() : new Waiting.ForIdle());
    }

    private DrainDecision drained() {
      if (reboot) {
        return with(null, REBOOT);
      }
      if (holders.none()) {
        return with(nobody(), APPLY);
      }
      if (!asked()) {
        return with(null, APPLY, new Waiting.ForIdle());
      }
      if (!holders.leaving().isEmpty()) {
        return with(
            DrainRequest.drain(holders.pods()), APPLY, new Waiting.ForPods(holders.leaving()));
      }
      return holders.unnamed().isEmpty()
          ? with(null, new Next.Take(holders.kept()))
          : with(null, APPLY, new Waiting.ForNames(holders.unnamed()));
    }

    /**
     * What is asked for when no pod is in the way any more, null for no change: nothing, or, while
     * something is still to be done on the node, that it stays as it is without a pod leaving it.
     */
    private @Nullable DrainRequest nobody() {
      if (facts.applied()) {
        return DrainRequest.IDLE;
      }
      return Names.DRAIN_REQUIRED.equals(marks.desired()) ? DrainRequest.drain(List.of()) : null;
    }

    /** Whether a drain is asked for, be it on the Node alone: a request may be half written. */
    private boolean asked() {
      return asks(marks.desired()) || asks(marks.node());
    }

    /** Nobody drains, and nobody is to be asked to. */
    private DrainDecision undrained() {
      boolean disrupts = reboot || !holders.none();
      if (disrupts && marks.hold() != null) {
        return with(null, APPLY, new Waiting.Held(marks.hold()));
      }
      if (reboot) {
        return with(null, REBOOT);
      }
      if (!disrupts) {
        return ended();
      }
      return holders.unnamed().isEmpty()
          ? with(null, new Next.Take(holders.pods()))
          : with(null, APPLY, new Waiting.ForNames(holders.unnamed()));
    }

    private DrainDecision idle() {
      if (reboot) {
        Waiting turn = turn();
        return with(DrainRequest.REBOOT, turn instanceof Waiting.ForTurn ? STAY : APPLY, turn);
      }
      if (holders.none()) {
        return ended();
      }
      return holders.pods().isEmpty()
          ? with(null, APPLY, new Waiting.ForNames(holders.unnamed()))
          : with(DrainRequest.drain(holders.pods()), APPLY, turn());
    }

    private Waiting turn() {
      if (marks.hold() != null) {
        return new Waiting.Held(marks.hold());
      }
      return marks.givenUp() ? new Waiting.GivenUp() : new Waiting.ForTurn(reboot);
    }

    /** Takes back what nobody needs any more; annotations that are not there stay so. */
    private DrainDecision ended() {
      boolean noReason = facts.applied() || Names.DRAIN_REQUIRED.equals(marks.desired());
      boolean said = asked() || marks.pods() != null;
      return with(noReason && said ? DrainRequest.IDLE : null, APPLY);
    }

    private static boolean asks(@Nullable String request) {
      return request != null && !request.isEmpty() && !request.equals(Names.IDLE);
    }

    private DrainDecision with(@Nullable DrainRequest wanted, Next next, Waiting... more) {
      waiting.addAll(List.of(more));
      return new DrainDecision(
          Optional.ofNullable(wanted).filter(request -> !marks.say(request)),
          external(),
          next,
          waiting);
    }

    /** Never in the middle of a drain, which would be left without a drainer. */
    private Optional<Boolean> external() {
      boolean wanted = facts.rules().externalDrainer();
      return marks.idle() && wanted != marks.external() ? Optional.of(wanted) : Optional.empty();
    }
  }
}
