package io.sriov.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.plan.node.Boot;
import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Refusal;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the NodeState says of a node that boot services configure. */
class ReportedOutcomeTest {

  private static final NodePlan NOTHING = NodePlan.refused(List.of());

  @Test
  @Spec("03:Y11")
  void theServicesReportIsTheStatusWhenNothingIsToBeDone() {
    Outcome outcome = outcome(NOTHING, new Result("Failed", "pre: x"));

    assertThat(outcome.syncStatus()).isEqualTo("Failed");
    assertThat(outcome.lastSyncError()).isEqualTo("pre: x");
    assertThat(outcome.unfinished()).as("nothing to be tried again").isFalse();
    assertThat(outcome.inSync()).as("what conditions and the rollout follow").isFalse();
  }

  @Test
  void aSuccessIsOne() {
    Outcome outcome = outcome(NOTHING, new Result("Succeeded", ""));

    assertThat(outcome.syncStatus()).isEqualTo("Succeeded");
    assertThat(outcome.lastSyncError()).isEmpty();
    assertThat(outcome.inSync()).isTrue();
  }

  @Test
  @Spec(
      value = "03:Y12",
      differs = "the status says what is wrong and what to do, and it is looked at again each pass")
  void anUnreadableReportIsAFailureWithItsReason() {
    var unreadable = NodePlan.refused(List.of(new Refusal.BootResultUnreadable("not YAML")));

    Outcome outcome = outcome(unreadable, null);

    assertThat(outcome.syncStatus()).isEqualTo("Failed");
    assertThat(outcome.lastSyncError()).contains("is unreadable (not YAML)");
  }

  /** The plugin would offer VFs that only the next boot makes. */
  @Test
  void aPfThatTheNextBootChangesIsNotOfferedYet() {
    var pf = new PciAddress("0000:04:00.0");
    var beforeTheBoot =
        new NodePlan(List.of(), List.of(), List.of("changed"), List.of(), Set.of(pf));

    assertThat(outcome(beforeTheBoot, null).unsettled()).containsExactly(pf);
    assertThat(outcome(NOTHING, new Result("Succeeded", "")).unsettled()).isEmpty();
  }

  private static Outcome outcome(NodePlan remaining, @Nullable Result reported) {
    var nothing =
        new Inventory(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            false,
            null,
            Boot.UNKNOWN);
    return new Outcome(nothing, remaining, List.of(), List.of(), false, reported);
  }
}
