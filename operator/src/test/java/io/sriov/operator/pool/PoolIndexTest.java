package io.sriov.operator.pool;

import static io.sriov.operator.pool.Pools.pool;
import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.testkit.Spec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PoolIndexTest {

  private static final Standing ASKS = new Standing(false, true, Optional.empty());
  private static final Standing BUSY = new Standing(true, false, Optional.empty());
  private static final Standing FAILED = new Standing(false, false, Optional.of("no such PF"));

  private final SetClock clock = new SetClock();
  private final Set<String> woken = new LinkedHashSet<>();
  private final PoolIndex index = new PoolIndex(clock, woken::add, _ -> {});

  private static final class SetClock extends Clock {
    private Instant now = Instant.parse("2026-11-24T12:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private void nodes(String... names) {
    for (String name : names) {
      index.put(name, Map.of("pool", name.substring(0, 1)));
    }
    woken.clear();
  }

  private void ask(String... names) {
    for (String name : names) {
      index.standing(name, ASKS);
    }
  }

  private static final Admission GRANTED = new Admission.Granted();

  @Test
  void nodesWithoutAPoolGoOneByOne() {
    nodes("a1", "a2");
    ask("a1", "a2");

    assertThat(index.claim("a1")).isEqualTo(GRANTED);
    assertThat(index.claim("a2")).isEqualTo(new Admission.NoSlot(1, 1));
  }

  @Test
  void whoWaitsIsWokenWhenASlotBecomesFreeAndNobodyElse() {
    nodes("a1", "a2", "a3");
    ask("a1", "a2", "a3");
    index.claim("a1");
    index.claim("a2");
    index.claim("a3");
    index.confirm("a1", () -> BUSY);
    woken.clear();

    index.confirm("a1", () -> Standing.IDLE);

    assertThat(woken).containsExactly("a2");
  }

  @Test
  void aWokenNodeThatNoLongerWantsHandsTheSlotOn() {
    nodes("a1", "a2", "a3");
    ask("a1", "a2", "a3");
    index.claim("a1");
    index.claim("a2");
    index.claim("a3");
    index.confirm("a1", () -> Standing.IDLE);
    woken.clear();

    index.standing("a2", Standing.IDLE);

    assertThat(woken).containsExactly("a3");
  }

  @Test
  void aNodeThatIsRemovedWhileItDrainsGivesItsSlotBack() {
    nodes("a1", "a2");
    ask("a1", "a2");
    index.claim("a1");
    index.claim("a2");
    woken.clear();

    index.removeNode("a1");

    assertThat(woken).containsExactly("a2");
    assertThat(index.claim("a2")).isEqualTo(GRANTED);
  }

  @Test
  void aSlotStaysTakenWhileTheWriteIsUnderWayWhateverOldEventsSay() {
    nodes("a1", "a2");
    ask("a1", "a2");
    index.claim("a1");

    index.standing("a1", ASKS);

    assertThat(index.claim("a2")).isEqualTo(new Admission.NoSlot(1, 1));
    index.confirm("a1", () -> ASKS);
    assertThat(index.claim("a2")).isEqualTo(GRANTED);
  }

  /** The answer to the write was lost: whether it was done is asked, and meanwhile it counts. */
  @Test
  void aSlotOfWhichNothingIsHeardIsKeptForTheNodeThatHasIt() {
    nodes("a1", "a2");
    ask("a1", "a2");
    index.claim("a1");

    assertThat(index.claim("a2")).isEqualTo(new Admission.NoSlot(1, 1));
    assertThat(index.claim("a1")).isEqualTo(GRANTED);
    assertThat(index.claim("a2")).isEqualTo(new Admission.NoSlot(1, 1));

    index.put(pool("a", "paused: true"));
    assertThat(index.claim("a1")).isInstanceOf(Admission.Held.class);
    assertThat(index.state("a"))
        .hasValueSatisfying(a -> {
          assertThat(a.busy()).isEmpty();
          assertThat(a.waiting()).containsExactly("a1", "a2");
        });
  }

  /** An event that was read before a drain began, and is taken note of after that. */
  @Test
  void whatWasSeenBeforeAClaimDoesNotGiveTheSlotAway() throws Exception {
    nodes("a1", "a2");
    ask("a1", "a2");
    var drains = new AtomicBoolean();
    Thread worker =
        Thread.ofVirtual()
            .unstarted(() -> {
              index.claim("a1");
              drains.set(true);
              index.confirm("a1", () -> BUSY);
            });

    index.standing(
        "a1",
        () -> {
          Standing seen = drains.get() ? BUSY : ASKS;
          worker.start();
          boolean unused = joined(worker, Duration.ofMillis(200));
          return seen;
        });

    assertThat(joined(worker, Duration.ofSeconds(10))).isTrue();
    assertThat(index.claim("a2")).isEqualTo(new Admission.NoSlot(1, 1));
  }

  private static boolean joined(Thread thread, Duration limit) {
    try {
      return thread.join(limit);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void poolsDoNotTakeEachOthersSlots() {
    index.put(pool("a", "maxUnavailable: 1, nodeSelector: {matchLabels: {pool: a}}"));
    nodes("a1", "a2", "b1");
    ask("a1", "a2", "b1");

    assertThat(index.claim("a1")).isEqualTo(GRANTED);
    assertThat(index.claim("b1")).isEqualTo(GRANTED);
    assertThat(index.claim("a2")).isInstanceOf(Admission.NoSlot.class);
  }

  @Test
  @Spec("02:138")
  void aNodeInTwoPoolsIsNeverDrained() {
    index.put(pool("a", "nodeSelector: {matchLabels: {pool: a}}"));
    index.put(pool("z", ""));
    nodes("a1", "b1");
    ask("a1", "b1");

    assertThat(index.claim("a1")).isEqualTo(new Admission.InSeveralPools(List.of("a", "z")));
    assertThat(index.hold("a1")).contains("node is part of more then one pool: a, z");
    assertThat(index.poolOf("a1")).isEmpty();
    assertThat(index.claim("b1")).isEqualTo(GRANTED);
    assertThat(index.state("z"))
        .hasValueSatisfying(z -> assertThat(z.conflicts()).containsExactly("a1"));
  }

  /** It could be any node's pool that the rest of the selector allows, also after a restart. */
  @Test
  void nodesThatAPoolMaySelectDoNotFallIntoTheDefaultPool() {
    String readable = "matchLabels: {pool: a}";
    String unreadable = readable + ", matchExpressions: [{key: zone, operator: Like}]";
    index.put(pool("a", "nodeSelector: {" + readable + "}"));
    index.put(pool("b", "maxUnavailable: 5, nodeSelector: {matchLabels: {pool: b}}"));
    nodes("a1", "b1", "c1");
    ask("a1", "b1", "c1");

    index.put(pool("a", "nodeSelector: {" + unreadable + "}"));

    assertThat(index.claim("a1"))
        .isInstanceOfSatisfying(
            Admission.Held.class,
            held -> {
              assertThat(held.reason()).isEqualTo("InvalidSpec");
              assertThat(held.text())
                  .startsWith("pool a: nodeSelector.matchExpressions[0].operator is \"Like\"");
            });
    assertThat(index.poolOf("a1")).map(Pool::name).contains("a");
    assertThat(index.claim("b1")).isEqualTo(GRANTED);
    assertThat(index.claim("c1")).isEqualTo(GRANTED);
  }

  /** A pool whose selector says nothing readable may be about any node, but for those of others. */
  @Test
  void aPoolThatCannotBeReadTakesNoNodeFromAnother() {
    index.put(pool("a", "nodeSelector: {matchExpressions: [{key: zone, operator: Like}]}"));
    index.put(pool("b", "nodeSelector: {matchLabels: {pool: b}}"));
    nodes("b1", "c1");
    ask("b1", "c1");

    assertThat(index.claim("b1")).isEqualTo(GRANTED);
    assertThat(index.claim("c1")).isInstanceOf(Admission.Held.class);
  }

  @Test
  void aNodeThatFailedStopsTheOthersOfItsPoolButNotItself() {
    index.put(pool("a", "nodeSelector: {matchLabels: {pool: a}}"));
    nodes("a1", "a2", "b1");
    index.standing("a1", FAILED);

    assertThat(woken).contains("a1", "a2").doesNotContain("b1");
    ask("a2", "b1");
    assertThat(index.claim("a2"))
        .isInstanceOfSatisfying(
            Admission.Held.class,
            held ->
                assertThat(held.text())
                    .startsWith("rollout stopped because node a1 could not be brought"));
    assertThat(index.hold("a1")).isEmpty();
    assertThat(index.claim("b1")).isEqualTo(GRANTED);
    woken.clear();

    index.standing("a1", Standing.IDLE);

    assertThat(woken).contains("a2");
    assertThat(index.claim("a2")).isEqualTo(GRANTED);
  }

  @Test
  void aPausedPoolHoldsAllItsNodesUntilItIsResumed() {
    nodes("a1");
    index.put(pool("a", "paused: true"));
    ask("a1");

    assertThat(index.claim("a1")).isEqualTo(new Admission.Held("Paused", "pool a is paused"));
    woken.clear();
    index.put(pool("a", "paused: false"));

    assertThat(woken).containsExactly("a1");
    assertThat(index.claim("a1")).isEqualTo(GRANTED);
  }

  @Test
  void aWindowGatesByTheClock() {
    index.put(pool("a", "maintenanceWindows: [{schedule: '0 13 * * *', duration: 1h}]"));
    nodes("a1");
    ask("a1");

    assertThat(index.claim("a1"))
        .isInstanceOfSatisfying(
            Admission.Held.class,
            held -> assertThat(held.text()).endsWith("next opening at 2026-11-24 13:00 UTC"));
    clock.now = clock.now.plus(Duration.ofHours(1));
    index.gateMoved("a");
    assertThat(woken).containsExactly("a1");
    assertThat(index.claim("a1")).isEqualTo(GRANTED);
  }

  /**
   * Whatever happens in whatever order: never more nodes drain than the pool allows, and nobody
   * waits beside a free slot without having been told to look.
   */
  @Test
  void slotsAreNeitherExceededNorLost() {
    for (int seed = 0; seed < 100; seed++) {
      Simulation simulation = new Simulation(seed);
      for (int step = 0; step < 400; step++) {
        simulation.step();
        simulation.check("seed " + seed + " step " + step);
      }
    }
  }

  /** A queue of woken nodes whose passes are run at random, as workers would. */
  private static final class Simulation {

    private final Random random;
    private final TreeSet<String> queue = new TreeSet<>();
    private final PoolIndex index = new PoolIndex(new SetClock(), queue::add, _ -> {});
    private final TreeMap<String, Standing> nodes = new TreeMap<>();
    private int limit = 2;

    Simulation(int seed) {
      random = new Random(seed);
      index.put(pool("p", "maxUnavailable: 2"));
    }

    void step() {
      String node = "n" + random.nextInt(12);
      switch (random.nextInt(8)) {
        case 0 -> {
          index.put(node, Map.of());
          nodes.putIfAbsent(node, Standing.IDLE);
        }
        case 1 -> {
          index.removeNode(node);
          nodes.remove(node);
          queue.remove(node);
        }
        case 2 -> {
          limit = 1 + random.nextInt(4);
          index.put(pool("p", "maxUnavailable: " + limit));
        }
        case 3, 4 -> become(node, ASKS);
        case 5 -> become(node, Standing.IDLE);
        default -> pass();
      }
    }

    private void become(String node, Standing standing) {
      if (nodes.containsKey(node)) {
        boolean drains = nodes.get(node).busy();
        if (standing.asks() && drains) {
          return;
        }
        nodes.put(node, standing);
        index.standing(node, standing);
        // The event that brought this also has the node looked at.
        queue.add(node);
      }
    }

    private void pass() {
      if (queue.isEmpty()) {
        return;
      }
      String node = new ArrayList<>(queue).get(random.nextInt(queue.size()));
      queue.remove(node);
      Standing standing = nodes.get(node);
      if (standing == null || !standing.asks()) {
        return;
      }
      long busy = nodes.values().stream().filter(Standing::busy).count();
      if (index.claim(node) instanceof Admission.Granted) {
        assertThat(busy).isLessThan(limit);
        boolean written = random.nextInt(10) > 0;
        nodes.put(node, written ? BUSY : ASKS);
        index.confirm(node, () -> written ? BUSY : ASKS);
        if (!written) {
          queue.add(node);
        }
      }
    }

    void check(String when) {
      long busy = nodes.values().stream().filter(Standing::busy).count();
      List<String> waiting =
          nodes.entrySet().stream()
              .filter(e -> e.getValue().asks())
              .map(Map.Entry::getKey)
              .toList();
      if (busy < limit && !waiting.isEmpty()) {
        assertThat(queue).as(when).containsAnyElementsOf(waiting);
      }
    }
  }
}
