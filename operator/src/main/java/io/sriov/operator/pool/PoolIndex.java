package io.sriov.operator.pool;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which node is in which pool, and who of them drains, waits or failed. Kept up to date by events,
 * so that the pass over one node never looks at all others; a slot that becomes free wakes those
 * who wait for it at once.
 */
public final class PoolIndex {

  private record Entry(Map<String, String> labels, List<String> pools, Standing standing) {}

  private final Clock clock;
  private final Consumer<String> wakeNode;
  private final Consumer<String> poolChanged;
  private final Map<String, Pool> pools = new TreeMap<>();
  private final Map<String, Members> members = new HashMap<>();
  private final Map<String, Entry> entries = new HashMap<>();

  /** Nodes with a slot that the API server has not confirmed yet. */
  private final Set<String> claimed = new HashSet<>();

  /**
   * @param wakeNode called with the name of a node that has to be looked at
   * @param poolChanged called with the name of a pool of which the status may be another; both are
   *     called with a lock held and must return at once
   */
  public PoolIndex(Clock clock, Consumer<String> wakeNode, Consumer<String> poolChanged) {
    this.clock = clock;
    this.wakeNode = wakeNode;
    this.poolChanged = poolChanged;
    members.put(Pool.DEFAULT.name(), new Members(Pool.DEFAULT));
  }

  /** Adds a pool or takes its new spec; the nodes concerned are looked at. */
  public synchronized void put(Pool pool) {
    if (!pool.equals(pools.put(pool.name(), pool))) {
      regroup();
    }
  }

  /** Forgets a pool. */
  public synchronized void removePool(String pool) {
    if (pools.remove(pool) != null) {
      regroup();
    }
  }

  /** Adds a node or takes its new labels. */
  public synchronized void put(String node, Map<String, String> labels) {
    Entry old = entries.get(node);
    if (old != null && old.labels().equals(labels)) {
      return;
    }
    Standing standing = old == null ? Standing.IDLE : old.standing();
    if (old != null) {
      old.pools().forEach(pool -> membersOf(pool).remove(node));
    }
    Entry now = new Entry(labels, poolsOf(labels), standing);
    entries.put(node, now);
    now.pools().forEach(pool -> membersOf(pool).put(node, standing));
    if (old == null || !old.pools().equals(now.pools())) {
      wakeNode.accept(node);
      List<String> left = old == null ? List.of() : old.pools();
      if (standing.failure().isPresent()) {
        wakeAll(left);
        wakeAll(now.pools());
      }
      touched(left);
    }
    touched(now.pools());
  }

  /** Forgets a node; the slot it had is free. */
  public synchronized void removeNode(String node) {
    Entry old = entries.remove(node);
    claimed.remove(node);
    if (old != null) {
      old.pools().forEach(pool -> membersOf(pool).remove(node));
      if (old.standing().failure().isPresent()) {
        wakeAll(old.pools());
      }
      touched(old.pools());
    }
  }

  /**
   * Takes what became of a node; one that is not known yet is ignored.
   *
   * @param seen called with the lock held: what was read before could be older than a claim that
   *     was granted and confirmed meanwhile, and would give the slot away once more
   */
  public synchronized void standing(String node, Supplier<Standing> seen) {
    standing(node, seen.get());
  }

  synchronized void standing(String node, Standing seen) {
    Entry old = entries.get(node);
    if (old == null) {
      return;
    }
    Standing now = claimed.contains(node) ? new Standing(true, seen.asks(), seen.failure()) : seen;
    if (old.standing().equals(now)) {
      return;
    }
    entries.put(node, new Entry(old.labels(), old.pools(), now));
    old.pools().forEach(pool -> membersOf(pool).put(node, now));
    if (old.standing().failure().isPresent() != now.failure().isPresent()) {
      wakeAll(old.pools());
    }
    touched(old.pools());
  }

  /**
   * Asks for a slot. Whoever gets it says what became of it by {@link #confirm}; until then it is
   * taken, and the same node gets it again.
   *
   * @param node in some pool
   */
  public synchronized Admission claim(String node) {
    Entry entry = entries.get(node);
    if (entry == null) {
      return new Admission.NoSlot(0, 0);
    }
    boolean again = claimed.remove(node);
    Admission admission = admission(node, entry, again);
    boolean granted = admission instanceof Admission.Granted;
    if (granted) {
      claimed.add(node);
    }
    if (granted || again) {
      standing(node, new Standing(granted, !granted, entry.standing().failure()));
    }
    return admission;
  }

  /**
   * @param has whether one of the slots that are taken is the node's own
   */
  private Admission admission(String node, Entry entry, boolean has) {
    if (entry.pools().size() > 1) {
      return new Admission.InSeveralPools(entry.pools());
    }
    Members pool = membersOf(entry.pools().getFirst());
    pool.looked(node);
    int used = pool.busy.size() - (has ? 1 : 0);
    return Admission.of(pool.hold(node, clock.instant()), used, pool.limit());
  }

  /** What became of a claim, or of a node that has just been written. */
  public synchronized void confirm(String node, Supplier<Standing> now) {
    claimed.remove(node);
    standing(node, now.get());
  }

  /** Why drains and reboots of a node have to wait for people; empty if they need not. */
  public synchronized Optional<String> hold(String node) {
    Entry entry = entries.get(node);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.pools().size() > 1) {
      return Optional.of(new Admission.InSeveralPools(entry.pools()).text());
    }
    return membersOf(entry.pools().getFirst())
        .hold(node, clock.instant())
        .map(Admission.Held::text);
  }

  /** The pool of a node; empty if it is in several or not known. */
  public synchronized Optional<Pool> poolOf(String node) {
    return Optional.ofNullable(entries.get(node))
        .filter(entry -> entry.pools().size() == 1)
        .map(entry -> membersOf(entry.pools().getFirst()).pool());
  }

  /** How many nodes the cluster has. */
  public synchronized int nodes() {
    return entries.size();
  }

  /** Why the rollout stops at a node; empty if it does not. */
  public synchronized Optional<String> failure(String node) {
    return Optional.ofNullable(entries.get(node)).flatMap(entry -> entry.standing().failure());
  }

  /** What the nodes of a pool do; empty for a pool that is not known. */
  public synchronized Optional<PoolState> state(String name) {
    Members pool = members.get(name);
    if (pool == null) {
      return Optional.empty();
    }
    List<String> conflicts =
        pool.nodes.stream()
            .filter(node -> Objects.requireNonNull(entries.get(node)).pools().size() > 1)
            .toList();
    return Optional.of(
        new PoolState(
            pool.pool(),
            pool.gate(clock.instant()),
            pool.nodes.size(),
            List.copyOf(pool.busy),
            List.copyOf(new TreeSet<>(pool.waiting)),
            Map.copyOf(pool.failed),
            conflicts));
  }

  /** Names of all pools, the one of nodes without a pool included. */
  public synchronized List<String> names() {
    return List.copyOf(new TreeSet<>(members.keySet()));
  }

  /** The gate of a pool opened or closed: all its nodes are looked at. */
  public synchronized void gateMoved(String name) {
    if (members.containsKey(name)) {
      wakeAll(List.of(name));
    }
  }

  private void wakeAll(List<String> names) {
    names.forEach(pool -> membersOf(pool).nodes.forEach(wakeNode));
  }

  private void regroup() {
    Collection<String> before = new ArrayList<>(members.keySet());
    members.clear();
    members.put(Pool.DEFAULT.name(), new Members(Pool.DEFAULT));
    pools.values().forEach(pool -> members.put(pool.name(), new Members(pool)));
    entries.replaceAll((node, entry) -> {
      List<String> in = poolsOf(entry.labels());
      in.forEach(pool -> membersOf(pool).put(node, entry.standing()));
      return new Entry(entry.labels(), in, entry.standing());
    });
    entries.keySet().forEach(wakeNode);
    before.forEach(poolChanged);
    members.keySet().forEach(poolChanged);
  }

  private List<String> poolsOf(Map<String, String> labels) {
    List<Pool> selecting = pools.values().stream().filter(pool -> pool.selects(labels)).toList();
    List<String> in = selecting.stream().filter(Pool::selectorReadable).map(Pool::name).toList();
    if (!in.isEmpty()) {
      return in;
    }
    // One that a pool may have selected is not drained by the rules of nodes without a pool.
    return selecting.isEmpty()
        ? List.of(Pool.DEFAULT.name())
        : selecting.stream().map(Pool::name).toList();
  }

  private void touched(List<String> names) {
    for (String name : names) {
      membersOf(name).wake(clock.instant(), wakeNode);
      poolChanged.accept(name);
    }
  }

  private Members membersOf(String pool) {
    @Nullable Members found = members.get(pool);
    return Objects.requireNonNull(found, pool);
  }
}
