package io.sriov.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionUpdateTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Condition READY =
      condition("Ready", "True", "NetworkReady", "all well", 3, "2025-01-01T00:00:00Z");

  @Test
  void writesNothingWhenAllIsEqual() {
    var update = ConditionUpdate.of(List.of(READY), List.of(ready("all well")), 3, NOW);

    assertThat(update.transitions()).isEmpty();
  }

  @Test
  void keepsTheTransitionTimeWhileTheStatusStays() {
    var reasonDiffers = ConditionUpdate.of(List.of(READY), List.of(ready("better")), 3, NOW);
    var generationDiffers = ConditionUpdate.of(List.of(READY), List.of(ready("all well")), 4, NOW);

    for (var update : List.of(reasonDiffers, generationDiffers)) {
      assertThat(update.transitions()).hasSize(1);
      assertThat(update.conditions().getFirst().getLastTransitionTime())
          .isEqualTo("2025-01-01T00:00:00Z");
    }
  }

  @Test
  void stampsTheTransitionWhenTheStatusFlips() {
    var update =
        ConditionUpdate.of(
            List.of(READY), List.of(DesiredCondition.fails("Ready", "Gone", "no")), 3, NOW);

    assertThat(update.transitions().getFirst().eventReason()).isEqualTo("ReadyChanged");
    assertThat(update.conditions().getFirst().getLastTransitionTime())
        .isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void announcesANewTypeAsAdded() {
    var update = ConditionUpdate.of(List.of(), List.of(ready("all well")), 1, NOW);

    assertThat(update.transitions().getFirst().eventReason()).isEqualTo("ReadyAdded");
  }

  @Test
  void leavesConditionsOfOthersAlone() {
    var foreign = condition("Foreign", "True", "Other", "x", 1, "2025-01-01T00:00:00Z");
    var stored = List.of(READY, foreign);

    assertThat(ConditionUpdate.of(stored, List.of(ready("all well")), 3, NOW).transitions())
        .isEmpty();
    var update = ConditionUpdate.of(stored, List.of(ready("new")), 3, NOW);
    assertThat(update.conditions()).extracting(Condition::getType).containsExactly("Ready");
    assertThat(update.over(stored)).hasSize(2).contains(foreign);
  }

  @Test
  void cutsAMessageAtTheLimitOfTheSchema() {
    var long_ = DesiredCondition.holds("Ready", "R", "x".repeat(40_000));

    assertThat(long_.message()).hasSize(32_768).endsWith("…");
  }

  private static DesiredCondition ready(String message) {
    return DesiredCondition.holds("Ready", "NetworkReady", message);
  }

  private static Condition condition(
      String type, String status, String reason, String message, long generation, String since) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason)
        .withMessage(message)
        .withObservedGeneration(generation)
        .withLastTransitionTime(since)
        .build();
  }
}
