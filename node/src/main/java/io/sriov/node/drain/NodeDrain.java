package io.sriov.node.drain;

import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.kube.Events;
import io.sriov.node.drain.DrainDecision.Next;
import io.sriov.node.drain.HandShake.OnNode;
import io.sriov.plan.node.Blocked;
import io.sriov.plan.node.NodePlan;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's side of drains and reboots: gathers the facts of a {@link DrainDecision} and does what
 * was decided. Used by one thread.
 */
public final class NodeDrain {

  /** How long what was read of the Node counts, as long as the NodeState says the same. */
  private static final Duration NODE_FRESH = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(NodeDrain.class);

  private final HandShake handShake;
  private final RebootLog reboots;
  private final Reboot reboot;
  private final Events events;
  private final Clock clock;
  private @Nullable SriovNetworkNodeState own;
  private @Nullable String uid;
  private @Nullable OnNode onNode;
  private @Nullable Marks nodeReadWith;
  private Instant nodeReadAt = Instant.MIN;
  private Map<String, String> keepers = Map.of();
  private @Nullable Instant triggered;

  public NodeDrain(
      HandShake handShake, RebootLog reboots, Reboot reboot, Events events, Clock clock) {
    this.handShake = handShake;
    this.reboots = reboots;
    this.reboot = reboot;
    this.events = events;
    this.clock = clock;
  }

  /**
   * What is wanted and how far it is.
   *
   * @param applied whether nothing is left to be done but what waits for pods or a reboot
   * @param bootId of the running kernel, empty when unknown
   */
  public record Wish(
      SriovNetworkNodeState state,
      NodePlan plan,
      boolean applied,
      DrainRules rules,
      String bootId) {}

  /** Decides by what is known; an API server that is away lets nothing happen to pods. */
  public DrainDecision decide(Wish wish) {
    SriovNetworkNodeState state = newest(wish.state());
    try {
      return DrainDecision.of(facts(wish, state));
    } catch (IOException e) {
      return unreachable(wish, e);
    }
  }

  private static DrainDecision unreachable(Wish wish, IOException e) {
    log.warn("{}", e.getMessage());
    Next next = wish.plan().rebootReasons().isEmpty() ? new Next.Apply() : new Next.Stay();
    return new DrainDecision(
        Optional.empty(),
        Optional.empty(),
        next,
        List.of(new Waiting.ForApiServer(String.valueOf(e.getMessage()))));
  }

  /**
   * Decides again by what the API server says this moment, before something happens that cannot be
   * taken back. When the wish changed meanwhile nothing happens: it comes again.
   */
  public DrainDecision confirm(Wish wish) {
    try {
      Optional<SriovNetworkNodeState> now = handShake.now(wish.state());
      if (now.filter(found -> sameWish(found, wish.state())).isEmpty()) {
        return new DrainDecision(
            Optional.empty(), Optional.empty(), new Next.Stay(), List.of(new Waiting.ForIdle()));
      }
      own = now.get();
      forgetNode();
      return DrainDecision.of(facts(wish, now.get()));
    } catch (IOException e) {
      return unreachable(wish, e);
    }
  }

  private static boolean sameWish(SriovNetworkNodeState now, SriovNetworkNodeState then) {
    return Objects.equals(now.getMetadata().getUid(), then.getMetadata().getUid())
        && Objects.equals(now.getMetadata().getGeneration(), then.getMetadata().getGeneration());
  }

  private DrainFacts facts(Wish wish, SriovNetworkNodeState state) throws IOException {
    if (!Objects.equals(uid, state.getMetadata().getUid())) {
      // Made anew: what the Node says may belong to the one before.
      uid = state.getMetadata().getUid();
      onNode = null;
      nodeReadWith = null;
    }
    Marks marks = Marks.of(state, null);
    List<String> reasons = wish.plan().rebootReasons();
    OnNode node = node(marks, !reasons.isEmpty());
    DrainRules rules = wish.rules();
    if (node != null) {
      marks = Marks.of(state, node.request());
      rules = node.rebootPolicy().map(rules::with).orElse(rules);
    }
    return new DrainFacts(
        reasons, holders(wish, marks), wish.applied(), marks, rules, reboots(wish));
  }

  private DrainFacts.Reboots reboots(Wish wish) throws IOException {
    if (triggered != null && clock.instant().isBefore(triggered.plus(RebootLog.GOES_DOWN_WITHIN))) {
      return new DrainFacts.Reboots(0, true);
    }
    return wish.plan().rebootReasons().isEmpty()
        ? DrainFacts.Reboots.NONE
        : reboots.of(wish.state(), wish.bootId());
  }

  /** Who stays is asked when it matters: after a drain. */
  private Holders holders(Wish wish, Marks marks) throws IOException {
    List<Blocked> blocked = wish.plan().blocked();
    keepers = Map.of();
    if (!blocked.isEmpty() && Names.DRAIN_COMPLETE.equals(marks.current())) {
      keepers = handShake.kept(Holders.of(blocked, Set.of()).pods());
    }
    return Holders.of(blocked, keepers.keySet());
  }

  /**
   * What the Node says, null when it does not matter or, as long as no reboot is wanted, cannot be
   * read. Read at first because an earlier process may have been killed between its two writes.
   */
  private @Nullable OnNode node(Marks marks, boolean reboot) throws IOException {
    boolean asked =
        marks.desired() != null && !marks.idle() || marks.pods() != null || onNode == null;
    if (!asked && !reboot) {
      return null;
    }
    Instant now = clock.instant();
    if (onNode == null && reboot
        || !marks.equals(nodeReadWith)
        || nodeReadAt.plus(NODE_FRESH).isBefore(now)) {
      nodeReadWith = marks;
      nodeReadAt = now;
      try {
        onNode = handShake.onNode();
      } catch (IOException e) {
        if (reboot) {
          throw e;
        }
        log.debug("{}", e.getMessage());
      }
    }
    return onNode;
  }

  private void forgetNode() {
    nodeReadAt = Instant.MIN;
  }

  /**
   * Writes what was decided.
   *
   * @return the decision, or with what kept it from being written
   */
  public DrainDecision written(Wish wish, DrainDecision decision) {
    try {
      if (decision.external().isPresent()) {
        own = handShake.markExternal(newest(wish.state()), decision.external().get());
      }
      if (decision.request().isPresent()) {
        DrainRequest request = decision.request().get();
        own = handShake.write(newest(wish.state()), request);
        onNode =
            new OnNode(request.state(), onNode == null ? Optional.empty() : onNode.rebootPolicy());
        nodeReadWith = Marks.of(own, null);
      }
      return decision;
    } catch (IOException e) {
      log.warn("{}", e.getMessage());
      var waiting = new ArrayList<>(decision.waiting());
      waiting.add(new Waiting.ForApiServer(String.valueOf(e.getMessage())));
      return new DrainDecision(decision.request(), decision.external(), decision.next(), waiting);
    }
  }

  /** Names the pods that are about to lose VFs though they run. */
  public void announce(Wish wish, List<String> pods) {
    String named =
        pods.stream()
            .map(pod -> {
              String keeper = keepers.get(pod);
              return keeper == null ? pod : pod + " (" + keeper + ")";
            })
            .collect(Collectors.joining(", "));
    String why =
        wish.rules().disableDrain() ? "disableDrain is set" : "a drain does not make them leave";
    String what =
        wish.plan().blocked().stream()
            .map(blocked -> blocked.step().pf() + ": " + blocked.step().reason())
            .distinct()
            .collect(Collectors.joining("; "));
    String note = "VFs are taken from running pods, as " + why + ": " + named + "; " + what;
    log.warn("{}", note);
    events.warning(wish.state(), "PodsKept", "TakeVFs", note);
  }

  /** Counts a reboot and triggers it. */
  public void reboot(Wish wish) throws IOException, InterruptedException {
    reboots.add(wish.state(), wish.bootId());
    events.normal(wish.state(), "RebootNode", "Reboot", "Reboot node has been initiated");
    log.info("rebooting the node: {}", String.join("; ", wish.plan().rebootReasons()));
    try {
      reboot.trigger();
      triggered = clock.instant();
    } catch (IOException e) {
      reboots.remove(wish.state());
      throw new IOException(
          "the node cannot be rebooted: "
              + e.getMessage()
              + "; reboot it yourself, it is tried again",
          e);
    }
  }

  /** Our own last write may not have come back through the watch yet. */
  public SriovNetworkNodeState newest(SriovNetworkNodeState seen) {
    SriovNetworkNodeState mine = own;
    return mine != null
            && Objects.equals(mine.getMetadata().getUid(), seen.getMetadata().getUid())
            && version(mine) > version(seen)
        ? mine
        : seen;
  }

  private static long version(SriovNetworkNodeState state) {
    try {
      return Long.parseLong(
          Objects.requireNonNullElse(state.getMetadata().getResourceVersion(), "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
