package io.sriov.node.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.plan.node.Planner;
import io.sriov.plan.node.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kill -9 before and after every single write: the next start comes to the same end. */
class KilledDaemonTest {

  static Stream<Change> changes() {
    return Change.all();
  }

  @ParameterizedTest
  @MethodSource("changes")
  void endsTheSame(Change change) throws Exception {
    var uninterrupted = change.host();
    var counting = new SimulatedKernel(uninterrupted);
    Change.finish(counting, change.to());
    int writes = counting.writes().size();
    assertThat(writes).isPositive();

    List<String> differing = new ArrayList<>();
    for (int at = 0; at < writes; at++) {
      for (boolean afterwards : new boolean[] {false, true}) {
        var host = change.host();
        var first = new SimulatedKernel(host);
        first.killAt(at, afterwards);
        try {
          Change.finish(first, change.to());
        } catch (SimulatedKernel.Killed | IllegalStateException expected) {
          assertThat(expected).isNotNull();
        }
        Change.finish(new SimulatedKernel(host), change.to());
        if (!host.shape().equals(uninterrupted.shape())) {
          differing.add(
              "killed %s %d (%s): %s"
                  .formatted(afterwards ? "after" : "before", at, first.writes(), host.shape()));
        }
      }
    }
    assertThat(differing).isEmpty();
  }

  /** A new step must be in a change that is interrupted here. */
  @Test
  void everyKindOfStepIsAmongThem() throws Exception {
    var planned = new ArrayList<Step>();
    for (Change change : changes().toList()) {
      planned.addAll(Planner.plan(change.to(), change.host().inventory()).steps());
    }
    assertThat(planned.stream().map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(kinds(Step.class).collect(Collectors.toSet()));
  }

  private static Stream<Class<?>> kinds(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(KilledDaemonTest::kinds)
        : Stream.of(type);
  }
}
