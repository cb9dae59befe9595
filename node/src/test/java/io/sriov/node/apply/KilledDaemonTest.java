package io.sriov.node.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.SimulatedHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kill -9 before and after every single write: the next start comes to the same end. */
class KilledDaemonTest {

  private static final String PF = "0000:04:00.0";
  private static final String OTHER = "0000:05:00.0";

  /** A change from one desired state to another, on a host with something to look out for. */
  record Change(String name, SriovNetworkNodeStateSpec from, SriovNetworkNodeStateSpec to) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Change> changes() {
    var nothing = SriovNetworkNodeStateSpec.EMPTY;
    var mixed =
        spec(
            """
            - pciAddress: 0000:04:00.0
              numVfs: 4
              mtu: 9000
              vfGroups:
              - {vfRange: 0-1, deviceType: netdevice, mtu: 9000, isRdma: true, policyName: a}
              - {vfRange: 2-2, deviceType: vfio-pci, policyName: b}
            - pciAddress: 0000:05:00.0
              numVfs: 2
              vfGroups: [{vfRange: 0-1, policyName: c}]
            """);
    var swapped =
        spec(
            """
            - pciAddress: 0000:04:00.0
              numVfs: 4
              vfGroups:
              - {vfRange: 0-1, deviceType: vfio-pci, policyName: a}
              - {vfRange: 2-2, deviceType: netdevice, policyName: b}
            """);
    var grown =
        spec(
            """
            - pciAddress: 0000:04:00.0
              numVfs: 7
              vfGroups: [{vfRange: 0-6, deviceType: netdevice, policyName: a}]
            """);
    return Stream.of(
        new Change("first VFs", nothing, mixed),
        new Change("other drivers", mixed, swapped),
        new Change("more VFs", mixed, grown),
        new Change("reset", mixed, nothing));
  }

  private static SriovNetworkNodeStateSpec spec(String interfaces) {
    return Serialization.unmarshal("interfaces:\n" + interfaces, SriovNetworkNodeStateSpec.class);
  }

  private static SimulatedHost host(SriovNetworkNodeStateSpec configured) throws Exception {
    var host = new SimulatedHost(new Random(7));
    host.addPf(PF).rdma = true;
    host.addPf(OTHER).adminMacs = false;
    host.writeRule("20-switchdev-" + OTHER + ".rules", "left by the Go daemon");
    finish(new SimulatedKernel(host), configured);
    return host;
  }

  /** What a daemon does until nothing is left to do. */
  private static void finish(SimulatedKernel kernel, SriovNetworkNodeStateSpec desired)
      throws Exception {
    try (var executor = new StepExecutor(kernel)) {
      NodePlan plan = Planner.plan(desired, kernel.inventory());
      for (int round = 0; !plan.steps().isEmpty(); round++) {
        assertThat(round).isLessThan(3);
        executor.execute(plan, StepExecutor.Guard.NONE);
        plan = Planner.plan(desired, kernel.inventory());
      }
      assertThat(plan.isEmpty()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("changes")
  void endsTheSame(Change change) throws Exception {
    var uninterrupted = host(change.from());
    var counting = new SimulatedKernel(uninterrupted);
    finish(counting, change.to());
    int writes = counting.writes().size();
    assertThat(writes).isPositive();

    List<String> differing = new ArrayList<>();
    for (int at = 0; at < writes; at++) {
      for (boolean afterwards : new boolean[] {false, true}) {
        var host = host(change.from());
        var first = new SimulatedKernel(host);
        first.killAt(at, afterwards);
        try {
          finish(first, change.to());
        } catch (SimulatedKernel.Killed | IllegalStateException expected) {
          assertThat(expected).isNotNull();
        }
        finish(new SimulatedKernel(host), change.to());
        if (!host.shape().equals(uninterrupted.shape())) {
          differing.add("killed " + (afterwards ? "after " : "before ") + at + ": " + host.shape());
        }
      }
    }
    assertThat(differing).isEmpty();
    assertThat(uninterrupted.inventory().pfs())
        .extracting(pf -> pf.pci())
        .containsExactly(new PciAddress(PF), new PciAddress(OTHER));
  }
}
