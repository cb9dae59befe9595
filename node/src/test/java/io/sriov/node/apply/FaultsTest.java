package io.sriov.node.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.Errno;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.PfPlan;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.Refusal;
import io.sriov.plan.node.SimulatedHost;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every single write is refused, and a card vanishes at every moment. */
class FaultsTest {

  private static final List<Errno> ERRORS =
      List.of(Errno.EBUSY, Errno.ENOSPC, Errno.EOPNOTSUPP, Errno.EINVAL, Errno.EIO, Errno.EROFS);

  /** In turns: there are several writes of each kind. */
  private static final int ERRORS_EACH = 2;

  static Stream<Change> changes() {
    return Change.all();
  }

  private static Set<String> writes(Change change) throws Exception {
    var kernel = new SimulatedKernel(change.host());
    Change.finish(kernel, change.to());
    return new TreeSet<>(kernel.writes());
  }

  private static List<StepResult> execute(SimulatedKernel kernel, Change change)
      throws IOException, InterruptedException {
    try (var executor = new StepExecutor(kernel)) {
      return executor.execute(
          Planner.plan(change.to(), kernel.inventory()), StepExecutor.Guard.NONE);
    }
  }

  private static Set<PciAddress> failedPfs(List<StepResult> results) {
    return results.stream()
        .filter(StepResult::failed)
        .map(result -> result.step().pf())
        .collect(Collectors.toSet());
  }

  private static void assertOthersAreDone(
      SimulatedHost host, Change change, Set<PciAddress> failed) {
    NodePlan left = Planner.plan(change.to(), host.inventory());
    assertThat(left.pfs().stream().filter(plan -> !plan.steps().isEmpty()).map(PfPlan::pf))
        .isSubsetOf(failed);
  }

  /** What a driver need not know. */
  private static boolean isTolerated(String write, Errno errno) {
    return errno == Errno.EOPNOTSUPP
        && (write.startsWith("mac ") || write.startsWith("flow_steering_mode "));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aRefusedWriteIsReportedAndTheOtherCardsFinish(Change change) throws Exception {
    var undisturbed = change.host();
    Change.finish(new SimulatedKernel(undisturbed), change.to());
    int turn = 0;
    for (String write : writes(change)) {
      for (int i = 0; i < ERRORS_EACH; i++) {
        Errno errno = ERRORS.get(turn++ % ERRORS.size());
        var host = change.host();
        var kernel = new SimulatedKernel(host);
        kernel.fail(write, errno);
        List<StepResult> results = execute(kernel, change);
        if (isTolerated(write, errno)) {
          assertThat(results).noneMatch(StepResult::failed);
          continue;
        }
        assertThat(results)
            .as("%s answers %s", write, errno)
            .filteredOn(StepResult::failed)
            .isNotEmpty()
            .allSatisfy(result ->
                assertThat(result.failure())
                    .startsWith(result.step().pf() + ": " + Advice.name(result.step()))
                    .contains(errno.name(), "; "));
        assertOthersAreDone(host, change, failedPfs(results));

        kernel.heal();
        Change.finish(kernel, change.to());
        assertThat(host.shape()).as("%s answered %s", write, errno).isEqualTo(undisturbed.shape());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aCardThatVanishesIsReportedAndTheOthersFinish(Change change) throws Exception {
    for (String pf : List.of(Change.PF, Change.OTHER, Change.SWITCH)) {
      boolean named =
          change.to().interfaces().stream().anyMatch(spec -> spec.pciAddress().equals(pf));
      for (String write : writes(change)) {
        if (!write.contains(pf)) {
          continue;
        }
        var host = change.host();
        var kernel = new SimulatedKernel(host);
        kernel.before(write, () -> host.removePf(pf));
        List<StepResult> results = execute(kernel, change);
        assertThat(failedPfs(results)).as("gone at %s", write).isSubsetOf(new PciAddress(pf));
        NodePlan left = Planner.plan(change.to(), host.inventory());
        assertThat(left.steps()).as("gone at %s", write).isEmpty();
        assertThat(left.refusals())
            .isEqualTo(named ? List.of(new Refusal.PfAbsent(new PciAddress(pf))) : List.of());
      }
    }
  }
}
