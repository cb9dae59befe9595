package io.sriov.plan.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Vf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rules that hold for every node and every desired state; a failure names its seed. */
class PlanPropertiesTest {

  private static final int CASES = 4000;

  private record Case(long seed, SimulatedHost host, SriovNetworkNodeStateSpec desired) {

    static Case of(long seed) {
      var node = new RandomNode(new Random(seed));
      SimulatedHost host = node.host();
      return new Case(seed, host, node.desired(host));
    }

    /** A VF of no group may have lost its driver on the way from switchdev to legacy mode. */
    boolean wantsVf(PciAddress pf, int vf) {
      return desired.interfaces().stream()
          .filter(spec -> spec.pciAddress().equals(pf.value()))
          .allMatch(spec ->
              spec.vfGroups().stream()
                  .map(group -> VfRange.parse(group.vfRange()))
                  .anyMatch(range -> range.map(vfs -> vfs.contains(vf)).orElse(false)));
    }

    NodePlan plan() {
      return Planner.plan(desired, host.inventory());
    }
  }

  private interface Property {
    void check(Case tried) throws Exception;
  }

  private static void forAll(Property property) {
    for (long seed = 0; seed < CASES; seed++) {
      try {
        property.check(Case.of(seed));
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  @Test
  void applyingAPlanLeavesNothingToDo() {
    forAll(tried -> {
      NodePlan before = tried.plan();
      SimulatedApply.apply(tried.host, before.steps());
      NodePlan after = tried.plan();
      assertThat(after.steps()).isEmpty();
      assertThat(after.refusals()).isEqualTo(before.refusals());
      assertThat(messages(after)).isEqualTo(messages(before));
    });
  }

  private static Set<String> messages(NodePlan plan) {
    return plan.blocked().stream().map(Blocked::message).collect(Collectors.toSet());
  }

  @Test
  void everyStepChangesTheHost() {
    forAll(tried -> {
      for (Step step : tried.plan().steps()) {
        var before = tried.host.shape();
        var drivers = tried.host.inventory().pciDrivers();
        int events = tried.host.log().size();
        SimulatedApply.apply(tried.host, step);
        // Two PFs may need the same module; a driver may have no administrative MAC addresses.
        boolean exempt =
            step instanceof Step.LoadModule
                || step instanceof Step.SetVfAdminMac && !tried.host.pf(step.pf().value()).adminMacs
                || step instanceof Step.EnableTcOffload
                    && tried.host.pf(step.pf().value()).tcOffloadStuck
                || step instanceof Step.NameRepresentors
                    && !tried.host.pf(step.pf().value()).namesPort;
        assertThat(
                exempt
                    || !before.equals(tried.host.shape())
                    || !drivers.equals(tried.host.inventory().pciDrivers())
                    || events < tried.host.log().size())
            .as("%s", step)
            .isTrue();
      }
    });
  }

  @Test
  void orderOfTheDesiredStateIsIrrelevant() {
    forAll(tried -> {
      var shuffled = new ArrayList<>(tried.desired.interfaces());
      Collections.shuffle(shuffled, new Random(tried.seed));
      var reordered = new ArrayList<Interface>();
      for (Interface pf : shuffled) {
        var groups = new ArrayList<>(pf.vfGroups());
        Collections.shuffle(groups, new Random(tried.seed));
        reordered.add(
            new Interface(
                pf.pciAddress(),
                pf.numVfs(),
                pf.mtu(),
                pf.name(),
                pf.linkType(),
                pf.eSwitchMode(),
                pf.externallyManaged(),
                groups));
      }
      var other =
          Planner.plan(
              new SriovNetworkNodeStateSpec(reordered, null, null), tried.host.inventory());
      assertThat(changes(other)).isEqualTo(changes(tried.plan()));
    });
  }

  /** The record keeps the order of groups as it was given. */
  private static List<Step> changes(NodePlan plan) {
    return plan.steps().stream().filter(step -> !(step instanceof Step.SavePfRecord)).toList();
  }

  @Test
  void aPfThatIsNeitherNamedNorOursIsNotTouched() {
    forAll(tried -> {
      var named =
          tried.desired.interfaces().stream()
              .map(Interface::pciAddress)
              .collect(Collectors.toSet());
      var ours = tried.host.records().keySet();
      for (PfPlan plan : tried.plan().pfs()) {
        assertThat(named.contains(plan.pf().value()) || ours.contains(plan.pf())).isTrue();
      }
    });
  }

  @Test
  void aVfThatAlreadyHasItsDriverIsNeverUnboundUnlessItsPfIsResized() {
    forAll(tried -> {
      var settled = new HashSet<String>();
      for (Interface spec : tried.desired.interfaces()) {
        tried.host.inventory().pfs().stream()
            .filter(pf -> pf.pci().value().equals(spec.pciAddress()))
            .filter(pf -> spec.externallyManaged() || keepsItsVfs(pf, spec))
            .forEach(pf -> settled.addAll(settledVfs(pf, spec)));
      }
      int before = tried.host.log().size();
      SimulatedApply.apply(tried.host, tried.plan().steps());
      var log = tried.host.log();
      assertThat(Collections.disjoint(log.subList(before, log.size()), settled)).isTrue();
    });
  }

  private static boolean keepsItsVfs(Pf pf, Interface spec) {
    String mode = spec.eSwitchMode() == null ? "legacy" : spec.eSwitchMode();
    return pf.numVfs() == spec.numVfs() && pf.eswitchMode().equals(mode);
  }

  private static List<String> settledVfs(Pf pf, Interface spec) {
    return pf.vfs().stream()
        .filter(vf -> vf.guid() == null || !vf.guid().startsWith("00:"))
        .filter(vf ->
            spec.vfGroups().stream()
                .filter(group ->
                    VfRange.parse(group.vfRange())
                        .map(range -> range.contains(vf.id()))
                        .orElse(false))
                .findFirst()
                .map(group -> hasDriver(vf, group.deviceType()))
                .orElse(true))
        .map(vf -> "unbind " + pf.pci() + " " + vf.id())
        .toList();
  }

  private static boolean hasDriver(Vf vf, String deviceType) {
    return deviceType.equals("vfio-pci")
        ? "vfio-pci".equals(vf.driver())
        : vf.driver() != null && !vf.driver().equals("vfio-pci");
  }

  @Test
  void noVfInUseIsEverDestroyedOrUnbound() {
    // The simulated host fails the test by itself.
    forAll(tried -> {
      tried
          .host
          .inventory()
          .pfs()
          .forEach(pf ->
              pf.vfs().stream()
                  .filter(vf -> vf.id() % 3 == 0)
                  .forEach(vf -> tried.host.use(vf.pci(), "default/pod")));
      SimulatedApply.apply(tried.host, tried.plan().steps());
    });
  }

  @Test
  void aRefusedPfIsLeftAsItIs() {
    forAll(tried -> {
      for (PfPlan plan : tried.plan().pfs()) {
        if (!plan.refusals().isEmpty()) {
          assertThat(plan.steps()).isEmpty();
        }
        plan.refusals()
            .forEach(refusal -> assertThat(refusal.message()).startsWith(plan.pf() + ": "));
      }
    });
  }

  @Test
  void anApplyInterruptedAfterAnyStepEndsTheSameAfterTheNextStart() {
    forAll(tried -> {
      int steps = tried.plan().steps().size();
      var uninterrupted = tried.host;
      SimulatedApply.apply(uninterrupted, tried.plan().steps());
      int stride = Math.max(1, steps / 6);
      for (int done = 1; done < steps; done += stride) {
        Case again = Case.of(tried.seed);
        SimulatedApply.apply(again.host, again.plan().steps().subList(0, done));
        SimulatedApply.apply(again.host, again.plan().steps());
        assertThat(again.plan().steps()).isEmpty();
        assertThat(again.host.shape(tried::wantsVf))
            .as("after %d", done)
            .isEqualTo(uninterrupted.shape(tried::wantsVf));
      }
    });
  }

  @Test
  void removingEveryPolicyReturnsOurPfsToZeroVfsAndForgetsThem() {
    forAll(tried -> {
      tried.host.release();
      SimulatedApply.apply(tried.host, tried.plan().steps());
      var nothing = SriovNetworkNodeStateSpec.EMPTY;
      var records = tried.host.records();
      NodePlan reset = Planner.plan(nothing, tried.host.inventory());
      SimulatedApply.apply(tried.host, reset.steps());
      Set<PciAddress> refused =
          reset.refusals().stream()
              .map(Refusal::pf)
              .filter(Objects::nonNull)
              .collect(Collectors.toSet());
      assertThat(tried.host.records().keySet()).isEqualTo(refused);
      for (Pf pf : tried.host.inventory().pfs()) {
        var record = records.get(pf.pci());
        if (record != null
            && record.spec() != null
            && !record.spec().externallyManaged()
            && !refused.contains(pf.pci())) {
          assertThat(pf.numVfs()).isZero();
        }
      }
    });
  }

  @Test
  void anInventorySurvivesJson() {
    forAll(tried -> {
      String json = tried.host.inventory().toJson();
      assertThat(Inventory.fromJson(json).toJson()).isEqualTo(json);
    });
  }
}
