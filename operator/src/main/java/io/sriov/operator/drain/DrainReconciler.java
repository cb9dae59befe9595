package io.sriov.operator.drain;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.kube.Conditions;
import io.sriov.kube.Events;
import io.sriov.operator.cluster.Cluster;
import io.sriov.operator.cluster.ManagedNodes;
import io.sriov.operator.pool.Admission;
import io.sriov.operator.pool.Pool;
import io.sriov.operator.pool.PoolIndex;
import io.sriov.operator.pool.Standing;
import io.sriov.operator.queue.Next;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node: carries out what {@link DrainStep} decides. */
public final class DrainReconciler implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DrainReconciler.class);

  /** Who waits for a slot is woken when one becomes free; this is for the unforeseen. */
  private static final Duration SAFETY = Duration.ofMinutes(1);

  /**
   * A node that writes only half of its request for so long does not know of the other half: more
   * than a daemon needs to be restarted and to repeat a write that failed.
   */
  private static final Duration HALF_REQUEST = Duration.ofSeconds(30);

  private final KubernetesClient client;
  private final Cluster cluster;
  private final PoolIndex pools;
  private final String resourcePrefix;
  private final DrainMetrics metrics;
  private final DrainReport report;
  private final DrainWrites writes;
  private final Evictions evictions;
  private final LeavingPods leaving;
  private final Clock clock;

  /** When the first half of a request was seen. */
  private final Map<String, Instant> halfRequests = new ConcurrentHashMap<>();

  /** Nodes whose drain was to begin by a write of which it is not known whether it was done. */
  private final Set<String> unanswered = ConcurrentHashMap.newKeySet();

  /** How many times in a row pods of a node were refused. */
  private final Map<String, Integer> refusals = new ConcurrentHashMap<>();

  /**
   * @param resourcePrefix of our resources, for nodes that do not say which pods hold VFs
   * @param conditions writes no other conditions of node states than this class has
   * @param wake called with the name of a node whose pods are gone
   */
  public DrainReconciler(
      KubernetesClient client,
      Cluster cluster,
      PoolIndex pools,
      String resourcePrefix,
      DrainMetrics metrics,
      Events events,
      Conditions conditions,
      Consumer<String> wake,
      Clock clock) {
    this.client = client;
    this.cluster = cluster;
    this.pools = pools;
    this.resourcePrefix = resourcePrefix;
    this.metrics = metrics;
    this.report = new DrainReport(events, conditions);
    this.writes = new DrainWrites(client, cluster);
    this.evictions = new Evictions(client, clock);
    this.leaving = new LeavingPods(client, wake);
    this.clock = clock;
  }

  /** What counts of a node for its pool, as far as it is known now. */
  public Standing standing(String name) {
    return cluster
        .nodes
        .get(name)
        .map(node -> facts(node, state(name)).standing())
        .orElse(Standing.IDLE);
  }

  /**
   * @param name of the node, which may be gone
   */
  public Next reconcile(String name) throws InterruptedException {
    Optional<Node> node = cluster.nodes.get(name);
    if (node.isEmpty()) {
      forget(name);
      unanswered.remove(name);
      return Next.EVENT;
    }
    if (unanswered.contains(name)) {
      settle(name);
    }
    @Nullable SriovNetworkNodeState state = state(name);
    DrainFacts facts = facts(node.get(), state);
    DrainStep step = DrainStep.next(facts);
    log.debug("{}: {}", name, step);
    if (state == null) {
      if (step instanceof DrainStep.Release) {
        log.info("{}: its node state is gone, our cordon is taken away", name);
        uncordon(node.get(), facts);
      }
      forget(name);
      pools.confirm(name, () -> standing(name));
      return Next.EVENT;
    }
    return switch (step) {
      case DrainStep.Rest _ -> rest(state, facts);
      case DrainStep.Unexpected unexpected -> {
        log.warn("{}: {}", name, unexpected.text());
        report.failed(state, unexpected.text());
        yield Next.EVENT;
      }
      case DrainStep.Ask asked -> {
        if (asked.whole()) {
          halfRequests.remove(name);
        }
        Duration wait = asked.whole() ? Duration.ZERO : restOfRequest(name);
        yield wait.isPositive() ? Next.in(wait) : ask(node.get(), state, facts);
      }
      case DrainStep.Evict evict -> evict(node.get(), state, facts, evict.full());
      case DrainStep.Recheck _ -> recheck(node.get(), state, facts);
      case DrainStep.Release _ -> release(node.get(), state, facts, null);
    };
  }

  private Next rest(SriovNetworkNodeState state, DrainFacts facts) {
    forget(state.getMetadata().getName());
    // A node that was drained may go on; one that somebody else drains is none of our business.
    boolean held = facts.managed() && !facts.external() && facts.isCurrent(Names.IDLE);
    boolean asks = facts.request().filter(request -> !request.equals(Names.IDLE)).isPresent();
    if (facts.isCurrent(Names.IDLE) && !(facts.givenUp() && asks)) {
      report.settled(state);
    }
    hold(state, facts, held ? pools.hold(state.getMetadata().getName()) : Optional.empty());
    return Next.EVENT;
  }

  private Duration restOfRequest(String node) {
    Instant now = clock.instant();
    Instant seen = halfRequests.computeIfAbsent(node, _ -> now);
    return Duration.between(now, seen.plus(HALF_REQUEST));
  }

  private Next ask(Node node, SriovNetworkNodeState state, DrainFacts facts)
      throws InterruptedException {
    String name = node.getMetadata().getName();
    return switch (pools.claim(name)) {
      case Admission.Granted _ -> {
        SriovNetworkNodeState draining;
        try {
          draining = begin(state);
        } catch (KubernetesClientException e) {
          unanswered.add(name);
          throw e;
        }
        pools.confirm(name, () -> standing(name));
        log.info("{}: draining", name);
        yield evict(node, draining, facts(node, draining), facts.asksForReboot());
      }
      case Admission.Held held -> {
        hold(state, facts, Optional.of(held.text()));
        yield Next.EVENT;
      }
      case Admission.NoSlot _ -> {
        hold(state, facts, Optional.empty());
        yield Next.in(SAFETY);
      }
      case Admission.InSeveralPools several -> {
        report.failed(state, several.text());
        hold(state, facts, Optional.of(several.text()));
        yield Next.EVENT;
      }
    };
  }

  /**
   * Asks what became of the write by which a drain was to begin. Without an answer, and after a
   * conflict, which may be with the client's own first try, it may have been done: its slot stays
   * taken until the API server says how it is now. A node that still asks keeps the slot and goes
   * on, as the write may even come yet.
   */
  private void settle(String name) {
    SriovNetworkNodeState now = newest(name);
    if (now != null) {
      cluster.nodeStates.remember(now);
    }
    unanswered.remove(name);
    if (!standing(name).asks()) {
      pools.confirm(name, () -> standing(name));
    }
  }

  /** As the API server has it this moment; null if it is gone. */
  private @Nullable SriovNetworkNodeState newest(String name) {
    return client
        .resources(SriovNetworkNodeState.class)
        .inNamespace(cluster.namespace())
        .withName(name)
        .get();
  }

  private SriovNetworkNodeState begin(SriovNetworkNodeState state) {
    Map<String, @Nullable String> annotations = new HashMap<>();
    annotations.put(Names.CURRENT_STATE, Names.DRAINING);
    annotations.put(Names.DRAINING_SINCE, now().toString());
    annotations.put(Names.DRAIN_GIVEN_UP, null);
    annotations.put(Names.HOLD, null);
    return writes.annotate(state, annotations);
  }

  private Next evict(Node node, SriovNetworkNodeState state, DrainFacts facts, boolean full)
      throws InterruptedException {
    String name = node.getMetadata().getName();
    if (full && pools.nodes() == 1) {
      log.info("{}: the only node, nothing could run elsewhere: not drained", name);
      return drained(state, facts);
    }
    if (facts.since().isEmpty()) {
      // Begun by an operator that does not write it down.
      SriovNetworkNodeState dated =
          writes.annotate(state, Map.of(Names.DRAINING_SINCE, now().toString()));
      return evict(node, dated, facts(node, dated), full);
    }
    Node cordoned = facts.schedulable() ? writes.cordon(node) : node;
    PodList list = client.pods().inAnyNamespace().withField("spec.nodeName", name).list();
    List<PodFacts> pods = leaving(list, facts, full);
    if (pods.isEmpty()) {
      return drained(state, facts);
    }
    if (!stillAsked(name, facts)) {
      log.info("{}: asks for something else meanwhile, nobody is evicted", name);
      return Next.in(Duration.ZERO);
    }
    leaving.follow(
        name,
        pods.stream().map(PodFacts::uid).collect(Collectors.toSet()),
        list.getMetadata().getResourceVersion());
    List<Remaining> remaining = evictions.evict(pods);
    return judge(cordoned, state, facts, remaining);
  }

  /** Pods do not come back: what is known may be older than a request that was taken back. */
  private boolean stillAsked(String name, DrainFacts decided) {
    Node node = client.nodes().withName(name).get();
    SriovNetworkNodeState state = newest(name);
    if (node == null || state == null) {
      return false;
    }
    cluster.nodes.remember(node);
    cluster.nodeStates.remember(state);
    DrainFacts now = facts(node, state);
    return now.request().equals(decided.request())
        && now.current().equals(decided.current())
        && now.pods().equals(decided.pods());
  }

  private List<PodFacts> leaving(PodList list, DrainFacts facts, boolean full) {
    List<PodFacts> pods =
        list.getItems().stream().map(pod -> PodFacts.of(pod, resourcePrefix)).toList();
    return PodSelection.leaving(pods, full, facts.pods(), this::daemonSetExists);
  }

  private boolean daemonSetExists(PodFacts pod) {
    return pod.daemonSet().isPresent()
        && client
                .apps()
                .daemonSets()
                .inNamespace(pod.namespace())
                .withName(pod.daemonSet().get())
                .get()
            != null;
  }

  private Next judge(
      Node node, SriovNetworkNodeState state, DrainFacts facts, List<Remaining> remaining)
      throws InterruptedException {
    String name = node.getMetadata().getName();
    Instant since = facts.since().orElseGet(this::now);
    Pool pool = pools.poolOf(name).orElse(Pool.DEFAULT);
    boolean refused = remaining.stream().anyMatch(pod -> !(pod instanceof Remaining.Leaving));
    int attempt = refused ? refusals.merge(name, 1, Integer::sum) : 1;
    Verdict verdict =
        Verdict.of(
            remaining, since, pool.drainTimeout(), pool.onDrainTimeout(), clock.instant(), attempt);
    if (verdict.report().isEmpty()) {
      return Next.in(verdict.again());
    }
    log.warn("{}: drain blocked, {}: {}", name, verdict.action(), verdict.text());
    if (verdict.action() == Verdict.Action.GIVE_UP) {
      Next next = release(node, state, facts, state.getMetadata().getGeneration());
      report.blocked(state, verdict, since);
      return next;
    }
    if (verdict.action() == Verdict.Action.DELETE) {
      var unused =
          evictions.delete(
              remaining.stream()
                  .filter(pod -> !(pod instanceof Remaining.Leaving))
                  .map(Remaining::pod)
                  .toList());
    }
    report.blocked(state, verdict, since);
    return Next.in(verdict.again());
  }

  private Next recheck(Node node, SriovNetworkNodeState state, DrainFacts facts)
      throws InterruptedException {
    String name = node.getMetadata().getName();
    PodList list = client.pods().inAnyNamespace().withField("spec.nodeName", name).list();
    if (leaving(list, facts, false).isEmpty()) {
      return rest(state, facts);
    }
    log.info("{}: drained, but pods hold VFs: draining again", name);
    SriovNetworkNodeState again = begin(state);
    return evict(node, again, facts(node, again), false);
  }

  private Next drained(SriovNetworkNodeState state, DrainFacts facts) {
    String name = state.getMetadata().getName();
    SriovNetworkNodeState done =
        writes.annotate(state, Map.of(Names.CURRENT_STATE, Names.DRAIN_COMPLETE));
    forget(name);
    pools.confirm(name, () -> standing(name));
    log.info("{}: drained", name);
    metrics.ended(DrainMetrics.Result.COMPLETED, took(facts));
    report.drained(done);
    return Next.EVENT;
  }

  /**
   * @param givenUp generation for which the drain is given up; null if it is over
   */
  private Next release(
      Node node, SriovNetworkNodeState state, DrainFacts facts, @Nullable Long givenUp) {
    String name = node.getMetadata().getName();
    if (facts.marked() && !facts.begun()) {
      SriovNetworkNodeState now = newest(name);
      if (now != null && facts(node, now).begun()) {
        // Another operator has just begun, and cordoned the node for it.
        cluster.nodeStates.remember(now);
        return Next.in(Duration.ZERO);
      }
    }
    // First: an operator that is killed here finds the node still draining, and does it again.
    boolean foreign = !uncordon(node, facts);
    if (!facts.begun()) {
      forget(name);
      pools.confirm(name, () -> standing(name));
      return Next.EVENT;
    }
    Map<String, @Nullable String> annotations = new HashMap<>();
    annotations.put(Names.CURRENT_STATE, Names.IDLE);
    annotations.put(Names.DRAINING_SINCE, null);
    if (givenUp != null) {
      annotations.put(Names.DRAIN_GIVEN_UP, givenUp.toString());
    }
    SriovNetworkNodeState idle = writes.annotate(state, annotations);
    forget(name);
    pools.confirm(name, () -> standing(name));
    if (givenUp != null) {
      metrics.ended(DrainMetrics.Result.GIVEN_UP, took(facts));
      log.warn("{}: drain given up", name);
      return Next.EVENT;
    }
    if (facts.isCurrent(Names.DRAINING)) {
      metrics.ended(DrainMetrics.Result.ABORTED, took(facts));
    }
    log.info("{}: back", name);
    report.released(idle, foreign);
    return Next.EVENT;
  }

  /** Whether the node is schedulable now. */
  private boolean uncordon(Node node, DrainFacts facts) {
    return DrainFacts.isSchedulable(facts.marked() ? writes.uncordon(node) : node);
  }

  private void hold(SriovNetworkNodeState state, DrainFacts facts, Optional<String> text) {
    if (!facts.hold().equals(text)) {
      Map<String, @Nullable String> annotation = new HashMap<>();
      annotation.put(Names.HOLD, text.orElse(null));
      var unused = writes.annotate(state, annotation);
    }
  }

  private Duration took(DrainFacts facts) {
    return facts
        .since()
        .map(since -> Duration.between(since, clock.instant()))
        .filter(Duration::isPositive)
        .orElse(Duration.ZERO);
  }

  private void forget(String name) {
    leaving.forget(name);
    refusals.remove(name);
    halfRequests.remove(name);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private DrainFacts facts(Node node, @Nullable SriovNetworkNodeState state) {
    boolean managed =
        cluster
            .config()
            .filter(config -> !config.isMarkedForDeletion())
            .filter(config -> ManagedNodes.of(config).contains(node))
            .isPresent();
    return DrainFacts.of(node, state, managed);
  }

  private @Nullable SriovNetworkNodeState state(String name) {
    return cluster.nodeStates.get(cluster.namespace(), name).orElse(null);
  }

  /** Lets the watches go; what was begun is continued by the next operator. */
  @Override
  public void close() {
    leaving.close();
  }
}
