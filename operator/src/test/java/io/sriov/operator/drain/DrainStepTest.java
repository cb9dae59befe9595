package io.sriov.operator.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.Names;
import io.sriov.testkit.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DrainStepTest {

  private static final Optional<Set<String>> NO_LIST = Optional.empty();

  private static DrainFacts node(String request, String current) {
    return new DrainFacts(
        Optional.ofNullable(request),
        Optional.ofNullable(request),
        Optional.ofNullable(current),
        true,
        true,
        false,
        true,
        false,
        NO_LIST,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static DrainFacts marked(DrainFacts n) {
    return new DrainFacts(
        n.request(),
        n.desired(),
        n.current(),
        n.managed(),
        n.hasState(),
        n.external(),
        false,
        true,
        n.pods(),
        n.givenUp(),
        n.since(),
        n.hold(),
        n.failure());
  }

  private static DrainFacts external(DrainFacts n) {
    return new DrainFacts(
        n.request(),
        n.desired(),
        n.current(),
        n.managed(),
        n.hasState(),
        true,
        n.schedulable(),
        n.marked(),
        n.pods(),
        n.givenUp(),
        n.since(),
        n.hold(),
        n.failure());
  }

  private static DrainFacts unmanaged(DrainFacts n) {
    return new DrainFacts(
        n.request(),
        n.desired(),
        n.current(),
        false,
        n.hasState(),
        n.external(),
        n.schedulable(),
        n.marked(),
        n.pods(),
        n.givenUp(),
        n.since(),
        n.hold(),
        n.failure());
  }

  private static DrainFacts givenUp(DrainFacts n) {
    return new DrainFacts(
        n.request(),
        n.desired(),
        n.current(),
        n.managed(),
        n.hasState(),
        n.external(),
        n.schedulable(),
        n.marked(),
        n.pods(),
        true,
        n.since(),
        n.hold(),
        n.failure());
  }

  private static DrainFacts withoutState(DrainFacts n) {
    return new DrainFacts(
        n.request(),
        Optional.empty(),
        Optional.empty(),
        n.managed(),
        false,
        false,
        n.schedulable(),
        n.marked(),
        NO_LIST,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static DrainFacts listing(DrainFacts n, String... pods) {
    return new DrainFacts(
        n.request(),
        n.desired(),
        n.current(),
        n.managed(),
        n.hasState(),
        n.external(),
        n.schedulable(),
        n.marked(),
        Optional.of(Set.of(pods)),
        n.givenUp(),
        n.since(),
        n.hold(),
        n.failure());
  }

  /** The whole table of spec 02 §5.2. */
  @ParameterizedTest
  @Spec("02:150")
  @Spec("02:151")
  @CsvSource({
    "Idle,            Idle,          Rest",
    "Idle,            Draining,      Release",
    "Idle,            DrainComplete, Release",
    "Idle,            Foo,           Unexpected",
    "Drain_Required,  Idle,          Ask",
    "Drain_Required,  Draining,      Evict[full=false]",
    "Drain_Required,  DrainComplete, Rest",
    "Drain_Required,  Foo,           Evict[full=false]",
    "Reboot_Required, Idle,          Ask",
    "Reboot_Required, Draining,      Evict[full=true]",
    "Reboot_Required, DrainComplete, Rest",
    "Reboot_Required, Foo,           Evict[full=true]",
    "Foo,             Idle,          Unexpected",
    "Foo,             Draining,      Unexpected",
    "Foo,             DrainComplete, Unexpected",
    ",                Idle,          Rest",
    "Idle,            ,              Rest",
    "Drain_Required,  ,              Rest",
  })
  void eachPairOfStatesHasOneNextStep(String request, String current, String step) {
    assertThat(DrainStep.next(node(request, current)).toString()).startsWith(step);
  }

  @Test
  void aRequestIsWholeWhenTheNodeStateHasItToo() {
    DrainFacts whole = node("Drain_Required", "Idle");
    DrainFacts half =
        new DrainFacts(
            whole.request(),
            Optional.of("Idle"),
            whole.current(),
            true,
            true,
            false,
            true,
            false,
            NO_LIST,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    assertThat(DrainStep.next(whole)).isEqualTo(new DrainStep.Ask(true));
    assertThat(DrainStep.next(half)).isEqualTo(new DrainStep.Ask(false));
  }

  @Test
  @Spec("02:152")
  void anUnknownRequestIsNamedAndNothingIsDone() {
    assertThat(DrainStep.next(node("Foo", "Idle")))
        .isInstanceOfSatisfying(
            DrainStep.Unexpected.class,
            unexpected ->
                assertThat(unexpected.text())
                    .isEqualTo(
                        "unexpected node drain annotation sriovnetwork.openshift.io/state: Foo"));
  }

  @Test
  void aNodeThatSomebodyElseDrainsIsLeftAloneInEveryState() {
    for (DrainFacts node : everyState()) {
      assertThat(DrainStep.next(external(node))).isInstanceOf(DrainStep.Rest.class);
      // But for a cordon of ours that no drain needs.
      assertThat(DrainStep.next(external(marked(node))))
          .isInstanceOf(node.begun() ? DrainStep.Rest.class : DrainStep.Release.class);
    }
  }

  /** Nobody would ever say that the work is done. */
  @Test
  void aNodeThatIsNoLongerManagedIsReleasedFromEveryDrain() {
    for (DrainFacts node : everyState()) {
      boolean draining = node.standing().busy();
      assertThat(DrainStep.next(unmanaged(node)) instanceof DrainStep.Release).isEqualTo(draining);
      assertThat(DrainStep.next(unmanaged(marked(node)))).isInstanceOf(DrainStep.Release.class);
    }
  }

  @Test
  void ourCordonIsTakenAwayAlsoWhenTheNodeStateWasLost() {
    assertThat(DrainStep.next(marked(node("Idle", "Idle")))).isEqualTo(new DrainStep.Release());
  }

  /** Not only when there is a slot, or when a window opens. */
  @Test
  void ourCordonIsTakenAwayAtOnceWhenTheNodeStateWasLostThoughTheNodeStillAsks() {
    for (String request : List.of("Drain_Required", "Reboot_Required", "Foo")) {
      DrainFacts lost = withoutState(marked(node(request, null)));
      assertThat(DrainStep.next(lost)).isEqualTo(new DrainStep.Release());
      assertThat(lost.standing().busy()).isTrue();
    }
    DrainFacts anew = marked(node("Drain_Required", "Idle"));
    assertThat(DrainStep.next(anew)).isEqualTo(new DrainStep.Release());
    assertThat(anew.standing().busy()).isTrue();
    assertThat(DrainStep.next(withoutState(node("Drain_Required", null))))
        .isInstanceOf(DrainStep.Rest.class);
  }

  @Test
  void aDrainThatWasGivenUpIsNotBegunAgain() {
    DrainFacts waiting = node("Drain_Required", "Idle");

    assertThat(DrainStep.next(givenUp(waiting))).isInstanceOf(DrainStep.Rest.class);
    assertThat(DrainStep.next(givenUp(marked(waiting)))).isEqualTo(new DrainStep.Release());
    assertThat(givenUp(waiting).standing().asks()).isFalse();
  }

  @Test
  void podsThatSlippedInAreLookedForAfterAPartialDrainOnly() {
    DrainFacts drained = node("Drain_Required", "DrainComplete");

    assertThat(DrainStep.next(listing(drained, "a/b"))).isEqualTo(new DrainStep.Recheck());
    assertThat(DrainStep.next(listing(drained))).isInstanceOf(DrainStep.Rest.class);
    assertThat(DrainStep.next(listing(node("Reboot_Required", "DrainComplete"), "a/b")))
        .isInstanceOf(DrainStep.Rest.class);
  }

  @Test
  void aNodeTakesASlotWhileItDrainsAndUntilItIsBack() {
    for (DrainFacts node : everyState()) {
      String current = node.current().orElse("");
      assertThat(node.standing().busy())
          .isEqualTo(current.equals(Names.DRAINING) || current.equals(Names.DRAIN_COMPLETE));
      assertThat(node.standing().asks()).isEqualTo(DrainStep.next(node) instanceof DrainStep.Ask);
      assertThat(external(node).standing().asks()).isFalse();
      assertThat(unmanaged(node).standing().asks()).isFalse();
    }
  }

  private static List<DrainFacts> everyState() {
    String[] requests = {Names.IDLE, Names.DRAIN_REQUIRED, Names.REBOOT_REQUIRED, "Foo", null};
    String[] currents = {Names.IDLE, Names.DRAINING, Names.DRAIN_COMPLETE, "Foo", null};
    List<DrainFacts> all = new ArrayList<>();
    for (String request : requests) {
      for (String current : currents) {
        all.add(node(request, current));
      }
    }
    return all;
  }
}
