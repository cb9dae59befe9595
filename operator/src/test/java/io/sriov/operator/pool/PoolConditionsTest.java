package io.sriov.operator.pool;

import static io.sriov.operator.pool.Pools.pool;
import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.kube.DesiredCondition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolConditionsTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private static PoolState state(
      String spec, List<String> busy, List<String> waiting, Map<String, String> failed) {
    Pool pool = pool("p", spec);
    return new PoolState(pool, pool.gate(NOW), 5, busy, waiting, failed, List.of());
  }

  private static String text(PoolState state, String type) {
    DesiredCondition condition =
        PoolConditions.of(state).stream()
            .filter(c -> c.type().equals(type))
            .findFirst()
            .orElseThrow();
    return condition.status().value() + " " + condition.reason() + " " + condition.message();
  }

  @Test
  void aPoolInWhichNothingHappensSaysHowManyMayDrain() {
    PoolState state = state("maxUnavailable: 40%", List.of(), List.of(), Map.of());

    assertThat(text(state, "Ready"))
        .isEqualTo("True PoolReady 5 nodes, at most 2 drained at once.");
    assertThat(text(state, "Draining")).isEqualTo("False NothingDrains No node is drained.");
    assertThat(text(state, "Waiting")).isEqualTo("False NothingWaits No node waits.");
  }

  @Test
  void whoDrainsAndWhoWaitsForASlotIsNamed() {
    PoolState state = state("maxUnavailable: 1", List.of("a"), List.of("b", "c"), Map.of());

    assertThat(text(state, "Draining"))
        .isEqualTo("True NodesDrain 1 node drained or being drained: a.");
    assertThat(text(state, "Waiting"))
        .isEqualTo(
            "True NoFreeSlot 2 nodes to be drained: b, c; waiting because all 1 slots of"
                + " maxUnavailable are taken.");
  }

  @Test
  void whoWaitsForTheWindowIsToldWhenItOpens() {
    String spec = "maintenanceWindows: [{schedule: '0 2 * * *', duration: 1h}]";

    assertThat(text(state(spec, List.of(), List.of("b"), Map.of()), "Waiting"))
        .isEqualTo(
            "True OutsideMaintenanceWindow 1 node to be drained: b; waiting because it is outside"
                + " the maintenance windows of pool p, next opening at 2026-11-25 02:00 UTC.");
    assertThat(text(state(spec, List.of(), List.of(), Map.of()), "Waiting"))
        .startsWith("False OutsideMaintenanceWindow No node waits; outside the");
  }

  @Test
  void aStoppedRolloutNamesTheNodeAndItsError() {
    assertThat(
            text(state("", List.of(), List.of("b"), Map.of("a", "0000:01:00.0: EBUSY")), "Waiting"))
        .startsWith(
            "True RolloutStopped 1 node to be drained: b; waiting because the rollout stopped"
                + " because node a could")
        .endsWith("Node a: 0000:01:00.0: EBUSY.");
  }

  @Test
  void ofManyNodesTenAreNamed() {
    List<String> many = IntStream.range(10, 300).mapToObj(i -> "n" + i).toList();

    assertThat(text(state("maxUnavailable: 1", List.of(), many, Map.of()), "Waiting"))
        .contains("290 nodes to be drained: n10, ")
        .contains("n19 and 280 more;");
  }

  @Test
  void whatCanNeverWorkIsNotReady() {
    assertThat(text(state("maxUnavailable: 0", List.of(), List.of(), Map.of()), "Ready"))
        .startsWith("False NothingMayDrain maxUnavailable is 0");
    assertThat(text(state("maxUnavailable: bla", List.of(), List.of(), Map.of()), "Ready"))
        .startsWith("False InvalidSpec maxUnavailable is \"bla\"");
    Pool pool = pool("p", "");
    assertThat(
            text(
                new PoolState(
                    pool, pool.gate(NOW), 2, List.of(), List.of(), Map.of(), List.of("x")),
                "Ready"))
        .startsWith("False NodeInSeveralPools These nodes are in another pool too");
  }
}
