package io.sriov.node.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.SimulatedHost;
import java.io.IOException;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A change from one desired state to another on a node with three cards: a plain one with RDMA, one
 * without administrative addresses, one with a switch. Together the changes need every kind of
 * step.
 */
record Change(
    String name,
    SriovNetworkNodeStateSpec from,
    Consumer<SimulatedHost> disturbance,
    SriovNetworkNodeStateSpec to) {

  static final String PF = "0000:04:00.0";
  static final String OTHER = "0000:05:00.0";
  static final String SWITCH = "0000:d8:00.0";

  private static final SriovNetworkNodeStateSpec NOTHING = SriovNetworkNodeStateSpec.EMPTY;

  private static final SriovNetworkNodeStateSpec MIXED =
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
          - pciAddress: 0000:d8:00.0
            numVfs: 2
            vfGroups: [{vfRange: 0-1, policyName: d}]
          """);

  private static final SriovNetworkNodeStateSpec SWAPPED =
      spec(
          """
          - pciAddress: 0000:04:00.0
            numVfs: 4
            vfGroups:
            - {vfRange: 0-1, deviceType: vfio-pci, policyName: a}
            - {vfRange: 2-2, deviceType: netdevice, policyName: b}
          - pciAddress: 0000:d8:00.0
            numVfs: 2
            eSwitchMode: switchdev
            vfGroups:
            - {vfRange: 0-0, policyName: d}
            - {vfRange: 1-1, deviceType: vfio-pci, policyName: e}
          """);

  private static final SriovNetworkNodeStateSpec GROWN =
      spec(
          """
          - pciAddress: 0000:04:00.0
            numVfs: 7
            vfGroups: [{vfRange: 0-6, deviceType: netdevice, policyName: a}]
          - pciAddress: 0000:d8:00.0
            numVfs: 3
            eSwitchMode: switchdev
            vfGroups: [{vfRange: 0-2, policyName: d}]
          """);

  static Stream<Change> all() {
    return Stream.of(
        new Change("first VFs", NOTHING, _ -> {}, MIXED),
        new Change("other drivers", MIXED, _ -> {}, SWAPPED),
        new Change("more VFs", SWAPPED, _ -> {}, GROWN),
        new Change("back to legacy", GROWN, _ -> {}, MIXED),
        new Change("what somebody left", MIXED, Change::disturb, MIXED),
        new Change("reset", SWAPPED, _ -> {}, NOTHING));
  }

  private static void disturb(SimulatedHost host) {
    host.setOverride(new PciAddress(SWITCH), 0, "mlx5_core");
    host.unbind(new PciAddress(PF), 0);
    host.setPfMtu(new PciAddress(PF), 9000);
    host.setVfMtu(new PciAddress(PF), 1, 1400);
    host.pf(OTHER).up = false;
  }

  private static SriovNetworkNodeStateSpec spec(String interfaces) {
    return Serialization.unmarshal("interfaces:\n" + interfaces, SriovNetworkNodeStateSpec.class);
  }

  /** A node on which {@link #from} is carried out. */
  SimulatedHost host() throws IOException, InterruptedException {
    var host = new SimulatedHost(new Random(7));
    host.addPf(PF).rdma = true;
    var other = host.addPf(OTHER);
    other.adminMacs = false;
    other.autoprobe = false;
    host.writeRule("20-switchdev-" + OTHER + ".rules", "left by the Go daemon");
    var card = host.addPf(SWITCH);
    card.name = "enp216s0";
    card.driver = "mlx5_core";
    card.vfDriver = "mlx5_core";
    card.devlink = true;
    card.tcOffload = false;
    card.flowSteering = "dmfs";
    finish(new SimulatedKernel(host), from);
    disturbance.accept(host);
    return host;
  }

  /** What a daemon does until nothing is left to do. */
  static void finish(SimulatedKernel kernel, SriovNetworkNodeStateSpec desired)
      throws IOException, InterruptedException {
    try (var executor = new StepExecutor(kernel)) {
      NodePlan plan = Planner.plan(desired, kernel.inventory());
      for (int round = 0; !plan.steps().isEmpty(); round++) {
        assertThat(round).isLessThan(3);
        executor.execute(plan, StepExecutor.Guard.NONE);
        plan = Planner.plan(desired, kernel.inventory());
      }
      assertThat(plan.pfs()).isEmpty();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
