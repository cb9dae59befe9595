package io.sriov.operator.pool;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The nodes of one pool. Not safe for threads: {@link PoolIndex} guards it. */
final class Members {

  final TreeSet<String> nodes = new TreeSet<>();
  final TreeSet<String> busy = new TreeSet<>();
  final TreeMap<String, String> failed = new TreeMap<>();

  /** In the order in which they asked. */
  final LinkedHashSet<String> waiting = new LinkedHashSet<>();

  /** Of those that wait: told to look, and have not done so yet. */
  private final Set<String> woken = new LinkedHashSet<>();

  private final Pool pool;
  private Gate gate = Gate.OPEN;
  private boolean gateKnown;

  Members(Pool pool) {
    this.pool = pool;
  }

  Pool pool() {
    return pool;
  }

  int limit() {
    return pool.maxUnavailable().of(nodes.size());
  }

  int free() {
    return Math.max(0, limit() - busy.size());
  }

  /** The gate, computed once for as long as it stays so. */
  Gate gate(Instant now) {
    if (!gateKnown || gate.until().filter(until -> !now.isBefore(until)).isPresent()) {
      gate = pool.gate(now);
      gateKnown = true;
    }
    return gate;
  }

  Optional<Admission.Held> hold(String node, Instant now) {
    // A node that failed is itself to be put right.
    List<String> others = failed.keySet().stream().filter(name -> !name.equals(node)).toList();
    return Admission.hold(gate(now), others);
  }

  void put(String node, Standing standing) {
    nodes.add(node);
    set(busy, node, standing.busy());
    set(waiting, node, standing.asks() && !standing.busy());
    if (!waiting.contains(node)) {
      woken.remove(node);
    }
    if (standing.failure().isPresent()) {
      failed.put(node, standing.failure().get());
    } else {
      failed.remove(node);
    }
  }

  void remove(String node) {
    nodes.remove(node);
    busy.remove(node);
    waiting.remove(node);
    woken.remove(node);
    failed.remove(node);
  }

  void looked(String node) {
    woken.remove(node);
  }

  /** Tells as many of those that wait as there are free slots. */
  void wake(Instant now, Consumer<String> look) {
    int free = free();
    if (free == 0 || waiting.isEmpty() || hold("", now).isPresent()) {
      return;
    }
    int told = 0;
    for (String node : waiting) {
      if (told == free) {
        return;
      }
      told++;
      if (woken.add(node)) {
        look.accept(node);
      }
    }
  }

  private static void set(Set<String> names, String node, boolean contained) {
    if (contained) {
      names.add(node);
    } else {
      names.remove(node);
    }
  }
}
