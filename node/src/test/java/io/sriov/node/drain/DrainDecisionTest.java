package io.sriov.node.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.Names;
import io.sriov.api.RebootPolicy;
import io.sriov.node.drain.DrainDecision.Next;
import io.sriov.node.drain.DrainFacts.Reboots;
import io.sriov.testkit.Spec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DrainDecisionTest {

  private static final String KERNEL = "kernel argument iommu=pt is not there";
  private static final List<String> POD = List.of("default/web");

  /** Facts to be varied: a node at rest, nothing wanted. */
  private record Given(
      List<String> reasons,
      Holders holders,
      boolean applied,
      Marks marks,
      DrainRules rules,
      Reboots reboots) {

    static final Given REST =
        new Given(
            List.of(),
            Holders.NONE,
            true,
            new Marks(null, Names.IDLE, Names.IDLE, null, null, false, false),
            DrainRules.DEFAULT,
            Reboots.NONE);

    Given says(String current, String desired) {
      return says(current, desired, Names.DRAIN_REQUIRED.equals(desired) ? POD : null);
    }

    Given says(String current, String desired, List<String> pods) {
      return with(
          new Marks(
              marks.node(),
              desired,
              current,
              pods,
              marks.hold(),
              marks.givenUp(),
              marks.external()));
    }

    Given onNode(String request) {
      return with(
          new Marks(
              request,
              marks.desired(),
              marks.current(),
              marks.pods(),
              marks.hold(),
              marks.givenUp(),
              marks.external()));
    }

    Given held(String why) {
      return with(
          new Marks(
              marks.node(),
              marks.desired(),
              marks.current(),
              marks.pods(),
              why,
              marks.givenUp(),
              marks.external()));
    }

    Given givenUp() {
      return with(
          new Marks(
              marks.node(),
              marks.desired(),
              marks.current(),
              marks.pods(),
              marks.hold(),
              true,
              marks.external()));
    }

    Given marked(boolean external) {
      return with(
          new Marks(
              marks.node(),
              marks.desired(),
              marks.current(),
              marks.pods(),
              marks.hold(),
              marks.givenUp(),
              external));
    }

    Given with(Marks changed) {
      return new Given(reasons, holders, applied, changed, rules, reboots);
    }

    Given reboot() {
      return new Given(List.of(KERNEL), holders, applied, marks, rules, reboots);
    }

    Given drain() {
      return holders(new Holders(POD, List.of(), List.of()));
    }

    Given holders(Holders changed) {
      return new Given(reasons, changed, applied, marks, rules, reboots);
    }

    Given unapplied() {
      return new Given(reasons, holders, false, marks, rules, reboots);
    }

    Given rules(DrainRules changed) {
      return new Given(reasons, holders, applied, marks, changed, reboots);
    }

    Given undrained() {
      return rules(
          new DrainRules(true, rules.externalDrainer(), rules.rebootPolicy(), rules.maxReboots()));
    }

    Given rebooted(int times, boolean underWay) {
      return new Given(reasons, holders, applied, marks, rules, new Reboots(times, underWay));
    }

    DrainDecision decided() {
      return DrainDecision.of(new DrainFacts(reasons, holders, applied, marks, rules, reboots));
    }
  }

  private static String request(DrainDecision decision) {
    return decision.request().map(DrainRequest::state).orElse("-");
  }

  private static String next(DrainDecision decision) {
    return decision.next().getClass().getSimpleName();
  }

  private static String waiting(DrainDecision decision) {
    return String.join(",", decision.waiting().stream().map(Waiting::reason).toList());
  }

  private static String seen(DrainDecision decision) {
    return request(decision) + " " + next(decision) + " " + waiting(decision);
  }

  private static final List<String> CURRENT =
      Arrays.asList(null, Names.IDLE, Names.DRAINING, Names.DRAIN_COMPLETE, "Foo");
  private static final List<String> DESIRED =
      Arrays.asList(null, Names.IDLE, Names.DRAIN_REQUIRED, Names.REBOOT_REQUIRED);
  private static final List<String> NEEDS = List.of("nothing", "drain", "reboot");

  private static Given given(String need, String current, String desired, boolean disableDrain) {
    Given given = Given.REST.says(current, desired);
    given =
        switch (need) {
          case "drain" -> given.drain();
          case "reboot" -> given.reboot();
          default -> given;
        };
    return disableDrain ? given.undrained() : given;
  }

  /** Every combination, one line each: need, C, D, then what is written, done and waited for. */
  private static final String TABLE =
      """
      nothing  null          null            -               Apply
      nothing  null          Idle            -               Apply
      nothing  null          Drain_Required  Idle            Apply
      nothing  null          Reboot_Required Idle            Apply
      nothing  Idle          null            -               Apply
      nothing  Idle          Idle            -               Apply
      nothing  Idle          Drain_Required  Idle            Apply
      nothing  Idle          Reboot_Required Idle            Apply
      nothing  Foo           null            -               Apply
      nothing  Foo           Idle            -               Apply
      nothing  Foo           Drain_Required  Idle            Apply
      nothing  Foo           Reboot_Required Idle            Apply
      nothing  Draining      null            -               Apply  DrainEnding
      nothing  Draining      Idle            -               Apply  DrainEnding
      nothing  Draining      Drain_Required  Idle            Apply  DrainEnding
      nothing  Draining      Reboot_Required Idle            Apply  DrainEnding
      nothing  DrainComplete null            Idle            Apply
      nothing  DrainComplete Idle            -               Apply
      nothing  DrainComplete Drain_Required  Idle            Apply
      nothing  DrainComplete Reboot_Required Idle            Apply
      drain    null          null            Drain_Required  Apply  WaitingForDrain
      drain    null          Idle            Drain_Required  Apply  WaitingForDrain
      drain    null          Drain_Required  -               Apply  WaitingForDrain
      drain    null          Reboot_Required Drain_Required  Apply  WaitingForDrain
      drain    Idle          null            Drain_Required  Apply  WaitingForDrain
      drain    Idle          Idle            Drain_Required  Apply  WaitingForDrain
      drain    Idle          Drain_Required  -               Apply  WaitingForDrain
      drain    Idle          Reboot_Required Drain_Required  Apply  WaitingForDrain
      drain    Foo           null            Drain_Required  Apply  WaitingForDrain
      drain    Foo           Idle            Drain_Required  Apply  WaitingForDrain
      drain    Foo           Drain_Required  -               Apply  WaitingForDrain
      drain    Foo           Reboot_Required Drain_Required  Apply  WaitingForDrain
      drain    Draining      null            -               Apply  DrainEnding
      drain    Draining      Idle            -               Apply  DrainEnding
      drain    Draining      Drain_Required  -               Apply  Draining
      drain    Draining      Reboot_Required -               Apply  Draining
      drain    DrainComplete null            -               Apply  DrainEnding
      drain    DrainComplete Idle            -               Apply  DrainEnding
      drain    DrainComplete Drain_Required  -               Apply  VFsInUse
      drain    DrainComplete Reboot_Required Drain_Required  Apply  VFsInUse
      reboot   null          null            Reboot_Required Stay   WaitingForDrain
      reboot   null          Idle            Reboot_Required Stay   WaitingForDrain
      reboot   null          Drain_Required  Reboot_Required Stay   WaitingForDrain
      reboot   null          Reboot_Required -               Stay   WaitingForDrain
      reboot   Idle          null            Reboot_Required Stay   WaitingForDrain
      reboot   Idle          Idle            Reboot_Required Stay   WaitingForDrain
      reboot   Idle          Drain_Required  Reboot_Required Stay   WaitingForDrain
      reboot   Idle          Reboot_Required -               Stay   WaitingForDrain
      reboot   Foo           null            Reboot_Required Stay   WaitingForDrain
      reboot   Foo           Idle            Reboot_Required Stay   WaitingForDrain
      reboot   Foo           Drain_Required  Reboot_Required Stay   WaitingForDrain
      reboot   Foo           Reboot_Required -               Stay   WaitingForDrain
      reboot   Draining      null            Idle            Stay   DrainEnding
      reboot   Draining      Idle            -               Stay   DrainEnding
      reboot   Draining      Drain_Required  Idle            Stay   DrainEnding
      reboot   Draining      Reboot_Required -               Stay   Draining
      reboot   DrainComplete null            Idle            Stay   DrainEnding
      reboot   DrainComplete Idle            -               Stay   DrainEnding
      reboot   DrainComplete Drain_Required  Idle            Stay   DrainEnding
      reboot   DrainComplete Reboot_Required -               Reboot
      """;

  /** Where {@code disableDrain} makes a difference: at rest, whatever D is. */
  private static String undrained(String need, String desired) {
    boolean asks = desired != null && !desired.equals(Names.IDLE);
    return switch (need) {
      case "nothing" -> (asks ? "Idle" : "-") + " Apply ";
      case "drain" -> "- Take ";
      default -> "- Reboot ";
    };
  }

  @Test
  void isAsTheTableSaysInEveryCombination() {
    var wrong = new ArrayList<String>();
    var lines = TABLE.lines().map(line -> line.strip().split(" +")).toList();
    assertThat(lines).hasSize(NEEDS.size() * CURRENT.size() * DESIRED.size());
    for (String[] line : lines) {
      String current = line[1].equals("null") ? null : line[1];
      String desired = line[2].equals("null") ? null : line[2];
      String expected = line[3] + " " + line[4] + " " + (line.length > 5 ? line[5] : "");
      String found = seen(given(line[0], current, desired, false).decided());
      if (!found.equals(expected)) {
        wrong.add(String.join(" ", line) + ": " + found);
      }
      boolean running = Names.DRAINING.equals(current) || Names.DRAIN_COMPLETE.equals(current);
      String undrained = running ? expected : undrained(line[0], desired);
      String withDisableDrain = seen(given(line[0], current, desired, true).decided());
      if (!withDisableDrain.equals(undrained)) {
        wrong.add("disableDrain " + String.join(" ", line) + ": " + withDisableDrain);
      }
    }
    assertThat(wrong).isEmpty();
  }

  // Rows of the specification by name; the table holds them all.

  @Test
  @Spec("03:R14")
  void asksForMoreAtOnceWhereNothingHasBegun() {
    assertThat(seen(given("reboot", Names.IDLE, Names.DRAIN_REQUIRED, false).decided()))
        .isEqualTo("Reboot_Required Stay WaitingForDrain");
  }

  @Test
  @Spec("03:R15")
  void waitsWhileTheDrainerGivesTheNodeBack() {
    assertThat(seen(given("reboot", Names.DRAIN_COMPLETE, Names.IDLE, false).decided()))
        .isEqualTo("- Stay DrainEnding");
  }

  @Test
  @Spec("03:R13")
  @Spec("02:156")
  void leavesAFullDrainAsItIs() {
    assertThat(seen(given("reboot", Names.DRAINING, Names.REBOOT_REQUIRED, false).decided()))
        .isEqualTo("- Stay Draining");
    assertThat(seen(given("drain", Names.DRAINING, Names.REBOOT_REQUIRED, false).decided()))
        .isEqualTo("- Apply Draining");
  }

  @Test
  @Spec(value = "03:R16", differs = "the request is taken back instead of being let run to its end")
  void takesBackARunningDrainThatNothingNeedsAnyMore() {
    for (String request : List.of(Names.DRAIN_REQUIRED, Names.REBOOT_REQUIRED)) {
      assertThat(seen(given("nothing", Names.DRAINING, request, false).decided()))
          .isEqualTo("Idle Apply DrainEnding");
      // Half of it: a daemon was killed between its two writes.
      Given half = Given.REST.says(Names.DRAINING, Names.IDLE);
      assertThat(seen(half.onNode(request).decided())).isEqualTo("Idle Apply DrainEnding");
      assertThat(
              seen(given("nothing", Names.DRAINING, request, false).onNode(Names.IDLE).decided()))
          .isEqualTo("Idle Apply DrainEnding");
    }
  }

  /**
   * The node stays cordoned for the step that is to be tried again, and nobody is evicted for it.
   */
  @Test
  void letsNobodyLeaveForAStepThatFailsOfItself() {
    for (String current : List.of(Names.DRAINING, Names.DRAIN_COMPLETE)) {
      Given failing = Given.REST.says(current, Names.DRAIN_REQUIRED).unapplied();
      assertThat(failing.decided().request()).contains(DrainRequest.drain(List.of()));
      assertThat(
              failing
                  .says(current, Names.DRAIN_REQUIRED, List.of())
                  .onNode(Names.DRAIN_REQUIRED)
                  .decided()
                  .request())
          .isEmpty();
    }
    Given notBegun = Given.REST.says(Names.IDLE, Names.DRAIN_REQUIRED).unapplied();
    assertThat(request(notBegun.decided())).isEqualTo(Names.IDLE);
    // A reboot has to come only when what it shall bring into effect is prepared.
    Given preparing = Given.REST.says(Names.DRAINING, Names.REBOOT_REQUIRED).unapplied();
    assertThat(request(preparing.decided())).isEqualTo("-");
  }

  @Test
  @Spec("03:R18")
  void letsARunningDrainEndThoughDrainsAreDisabled() {
    assertThat(seen(given("drain", Names.DRAINING, Names.DRAIN_REQUIRED, true).decided()))
        .isEqualTo("- Apply Draining");
    assertThat(seen(given("reboot", Names.DRAINING, Names.REBOOT_REQUIRED, true).decided()))
        .isEqualTo("- Stay Draining");
  }

  // Pods.

  @Test
  void namesThePodsThatShallLeaveAndKeepsTheListCurrent() {
    var two = new Holders(List.of("a/x", "b/y"), List.of(), List.of());
    assertThat(Given.REST.holders(two).decided().request())
        .contains(DrainRequest.drain(List.of("a/x", "b/y")));
    Given draining = Given.REST.says(Names.DRAINING, Names.DRAIN_REQUIRED, List.of("a/x"));
    assertThat(draining.holders(two).decided().request())
        .contains(DrainRequest.drain(List.of("a/x", "b/y")));
    var one = new Holders(List.of("a/x"), List.of(), List.of());
    assertThat(draining.holders(one).decided().request()).isEmpty();
    Given drained = Given.REST.says(Names.DRAIN_COMPLETE, Names.DRAIN_REQUIRED, List.of("a/x"));
    assertThat(drained.holders(two).decided().request())
        .contains(DrainRequest.drain(List.of("a/x", "b/y")));
  }

  @Test
  void removesTheListOfPodsWithTheRequest() {
    assertThat(Given.REST.says(Names.DRAIN_COMPLETE, Names.DRAIN_REQUIRED, POD).decided().request())
        .contains(new DrainRequest(Names.IDLE, null));
    assertThat(Given.REST.says(Names.IDLE, Names.IDLE, POD).decided().request())
        .contains(new DrainRequest(Names.IDLE, null));
  }

  @Test
  void takesVfsFromPodsThatADrainKeepsOnlyAfterTheDrain() {
    var kept = new Holders(List.of(), List.of("kube-system/ds"), List.of());
    assertThat(Given.REST.holders(kept).decided().next()).isInstanceOf(Next.Apply.class);
    assertThat(
            Given.REST
                .holders(kept)
                .says(Names.DRAIN_COMPLETE, Names.DRAIN_REQUIRED)
                .decided()
                .next())
        .isEqualTo(new Next.Take(List.of("kube-system/ds")));
    var both = new Holders(POD, List.of("kube-system/ds"), List.of());
    assertThat(
            Given.REST
                .holders(both)
                .says(Names.DRAIN_COMPLETE, Names.DRAIN_REQUIRED)
                .decided()
                .next())
        .isInstanceOf(Next.Apply.class);
  }

  @Test
  void takesNothingFromSomebodyWhoseNameIsUnknown() {
    var unknown = new Holders(List.of(), List.of("kube-system/ds"), List.of("somebody"));
    for (Given given :
        List.of(
            Given.REST.undrained(), Given.REST.says(Names.DRAIN_COMPLETE, Names.DRAIN_REQUIRED))) {
      DrainDecision decision = given.holders(unknown).decided();
      assertThat(decision.next()).isInstanceOf(Next.Apply.class);
      assertThat(decision.waiting()).containsExactly(new Waiting.ForNames(List.of("somebody")));
    }
    assertThat(
            Given.REST
                .holders(new Holders(List.of(), List.of(), List.of("somebody")))
                .decided()
                .request())
        .isEmpty();
  }

  // A hold.

  @Test
  void showsWhyItWaitsAndGoesOnWithWhatNobodyNotices() {
    Given held = Given.REST.held("outside the maintenance window, next opening at 22:00");
    assertThat(seen(held.drain().decided())).isEqualTo("Drain_Required Apply Held");
    assertThat(seen(held.reboot().decided())).isEqualTo("Reboot_Required Apply Held");
    assertThat(held.reboot().decided().waiting().getFirst().text())
        .contains("next opening at 22:00");
    assertThat(seen(held.decided())).isEqualTo("- Apply ");
  }

  @Test
  void disturbsNobodyDuringAHoldThoughDrainsAreDisabled() {
    Given held = Given.REST.undrained().held("pool paused");
    assertThat(seen(held.drain().decided())).isEqualTo("- Apply Held");
    assertThat(seen(held.reboot().decided())).isEqualTo("- Apply Held");
  }

  @Test
  void finishesWhatADrainHasBegunThoughAHoldComes() {
    assertThat(
            next(
                Given.REST
                    .held("window closed")
                    .reboot()
                    .says(Names.DRAIN_COMPLETE, Names.REBOOT_REQUIRED)
                    .decided()))
        .isEqualTo("Reboot");
  }

  @Test
  void saysThatTheDrainWasGivenUp() {
    DrainDecision decision = Given.REST.givenUp().drain().decided();
    assertThat(decision.waiting()).containsExactly(new Waiting.GivenUp());
    assertThat(decision.waiting().getFirst().forPeople()).isTrue();
    assertThat(request(decision)).isEqualTo(Names.DRAIN_REQUIRED);
  }

  // Reboots.

  @Test
  void stopsRebootingWhenItDoesNotHelpAndGivesTheNodeBack() {
    Given third = Given.REST.reboot().says(Names.DRAIN_COMPLETE, Names.REBOOT_REQUIRED);
    assertThat(next(third.rebooted(2, false).decided())).isEqualTo("Reboot");
    DrainDecision stopped = third.rebooted(3, false).decided();
    assertThat(seen(stopped)).isEqualTo("Idle Apply RebootLoop");
    assertThat(stopped.waiting().getFirst().text()).contains("rebooted 3 times", KERNEL);
    assertThat(stopped.waiting().getFirst().forPeople()).isTrue();
  }

  @Test
  void doesNothingWhileTheMachineGoesDown() {
    for (Given given :
        List.of(Given.REST, Given.REST.drain(), Given.REST.reboot(), Given.REST.undrained())) {
      assertThat(
              seen(
                  given
                      .says(Names.DRAIN_COMPLETE, Names.REBOOT_REQUIRED)
                      .rebooted(3, true)
                      .decided()))
          .isEqualTo("- Stay Rebooting");
    }
  }

  @Test
  void reportsARebootThatSomebodyWantsToDoHimself() {
    Given report = Given.REST.rules(DrainRules.DEFAULT.with(RebootPolicy.REPORT)).reboot();
    DrainDecision decision = report.decided();
    assertThat(seen(decision)).isEqualTo("- Apply RebootRequired");
    assertThat(decision.waiting().getFirst().text()).contains("drain and reboot the node", KERNEL);
    // What needs no reboot goes its way.
    assertThat(seen(report.drain().decided()))
        .isEqualTo("Drain_Required Apply RebootRequired,WaitingForDrain");
    assertThat(seen(report.says(Names.DRAIN_COMPLETE, Names.REBOOT_REQUIRED).decided()))
        .isEqualTo("Idle Apply RebootRequired");
  }

  @Test
  @Spec("03:R25")
  void endsTheDrainOnlyWhenEverythingIsApplied() {
    Given afterReboot = Given.REST.says(Names.DRAIN_COMPLETE, Names.REBOOT_REQUIRED);
    assertThat(seen(afterReboot.unapplied().decided())).isEqualTo("- Apply ");
    assertThat(seen(afterReboot.decided())).isEqualTo("Idle Apply ");
  }

  // The Node's annotation.

  @Test
  void writesAgainWhatWasRemovedFromTheNodeByHand() {
    Given asked = Given.REST.drain().says(Names.IDLE, Names.DRAIN_REQUIRED);
    assertThat(asked.onNode(Names.DRAIN_REQUIRED).decided().request()).isEmpty();
    assertThat(request(asked.onNode("").decided())).isEqualTo(Names.DRAIN_REQUIRED);
    assertThat(request(asked.onNode(Names.IDLE).decided())).isEqualTo(Names.DRAIN_REQUIRED);
  }

  @Test
  void takesBackARequestThatAKilledDaemonLeftOnTheNode() {
    assertThat(request(Given.REST.onNode(Names.DRAIN_REQUIRED).decided())).isEqualTo(Names.IDLE);
    assertThat(Given.REST.onNode("").decided().request()).isEmpty();
    assertThat(Given.REST.says(null, null).onNode(Names.IDLE).decided().request()).isEmpty();
  }

  // An external drainer.

  static Stream<Arguments> marks() {
    return Stream.of(
        new Arguments(null, null, true),
        new Arguments(Names.IDLE, Names.IDLE, true),
        new Arguments(Names.DRAINING, Names.IDLE, false),
        new Arguments(Names.DRAINING, Names.DRAIN_REQUIRED, false),
        new Arguments(Names.IDLE, Names.DRAIN_REQUIRED, false),
        new Arguments(null, Names.IDLE, false),
        new Arguments(Names.IDLE, null, false));
  }

  record Arguments(String current, String desired, boolean atRest) {}

  @ParameterizedTest
  @MethodSource("marks")
  @Spec("03:R3")
  @Spec("03:R4")
  @Spec("03:R5")
  @Spec("02:159")
  void marksTheNodeStateForAnExternalDrainerOnlyAtRest(Arguments at) {
    Given given = Given.REST.says(at.current(), at.desired());
    Given external = given.rules(new DrainRules(false, true, RebootPolicy.REBOOT, 3));
    assertThat(external.decided().external())
        .isEqualTo(at.atRest() ? Optional.of(true) : Optional.empty());
    assertThat(external.marked(true).decided().external()).isEmpty();
    assertThat(given.marked(true).decided().external())
        .isEqualTo(at.atRest() ? Optional.of(false) : Optional.empty());
    assertThat(given.decided().external()).isEmpty();
  }

  // What must never happen.

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void disturbsNobodyWithoutADrainUnlessDrainsAreDisabled(boolean held) {
    var everybody = new Holders(POD, List.of("kube-system/ds"), List.of());
    for (String current : CURRENT) {
      for (String desired : DESIRED) {
        for (Holders holders : List.of(Holders.NONE, everybody)) {
          for (boolean reboot : new boolean[] {false, true}) {
            Given given = Given.REST.says(current, desired).holders(holders);
            given = reboot ? given.reboot() : given;
            given = held ? given.held("paused") : given;
            Next next = given.decided().next();
            if (next instanceof Next.Reboot) {
              assertThat(List.of(current, desired))
                  .containsExactly(Names.DRAIN_COMPLETE, Names.REBOOT_REQUIRED);
            }
            assertThat(next).isNotInstanceOf(Next.Take.class);
          }
        }
      }
    }
  }
}
