package io.sriov.node.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.linux.program.HostProgram;
import io.sriov.node.apply.HostStepResult;
import io.sriov.plan.node.BootLoader;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.OpenVswitch;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OvsOffloadTest {

  private static final String DIFFERS =
      "a drop-in of ours sets the option; the package's unit is not rewritten and stays enabled";
  private static final String UNIT = "[Unit]\nDescription=mine\n\n[Service]\nExecStart=/bin/x\n";
  private static final SriovNetworkNodeStateSpec SWITCHDEV = spec("switchdev");
  private static final NodePlan NOTHING = NodePlan.refused(List.of());

  @TempDir Path folder;
  private SimulatedMachine machine;
  private HostSteps steps;
  private OvsOffload ovs;
  private Path unit;
  private Path dropIn;

  /** What {@code ovs-vsctl} prints; null if Open vSwitch does not run. */
  private String answer;

  private final List<String> asked = new ArrayList<>();

  private static SriovNetworkNodeStateSpec spec(String mode) {
    return new SriovNetworkNodeStateSpec(
        List.of(new Interface("0000:04:00.0", 2, 0, "eno1", null, mode, false, List.of())),
        null,
        null);
  }

  @BeforeEach
  void host() throws IOException {
    machine = new SimulatedMachine(folder, BootLoader.GRUB);
    steps = new HostSteps(machine.paths, machine, null, machine::bootId);
    ovs = new OvsOffload(machine.paths, new Vsctl(), machine::bootId, steps);
    unit = machine.paths.host(OpenVswitch.UNIT_FILE);
    dropIn = machine.paths.host(OpenVswitch.DROP_IN_FILE);
  }

  private final class Vsctl implements HostCommands {
    @Override
    public boolean has(String program) {
      return true;
    }

    @Override
    public HostProgram.Ended run(Duration atMost, String... command) throws IOException {
      asked.add(String.join(" ", command));
      if (answer == null) {
        throw new IOException("database connection failed");
      }
      return new HostProgram.Ended(0, answer);
    }
  }

  private NodePlan carriedOut(SriovNetworkNodeStateSpec spec) throws Exception {
    NodePlan plan = ovs.planFor(spec, NOTHING);
    assertThat(ovs.execute(plan.hostSteps())).noneMatch(HostStepResult::failed);
    return plan;
  }

  @Test
  @Spec(value = "03:Y3", differs = DIFFERS)
  void anOffloadThatIsOffOrUnknownIsSetForTheNextStartAndRebootedForOnce() throws Exception {
    SimulatedMachine.write(unit, UNIT);
    for (String said : new String[] {"\"false\"\n", "", "true\n", null}) {
      answer = said;
      assertThat(carriedOut(SWITCHDEV).rebootReasons()).hasSize(1);
      assertThat(dropIn)
          .content()
          .endsWith(
              "[Service]\nExecStartPre=/bin/ovs-vsctl --no-wait set Open_vSwitch ."
                  + " other_config:hw-offload=true\n");
      // The reboot stays due until it comes, whoever is killed in between.
      NodePlan due = ovs.planFor(SWITCHDEV, NOTHING);
      assertThat(due.hostSteps()).isEmpty();
      assertThat(due.rebootReasons()).hasSize(1);

      machine.reboot();

      assertThat(ovs.planFor(SWITCHDEV, NOTHING).isEmpty()).isTrue();
      assertThat(carriedOut(spec("legacy")).rebootReasons()).isEmpty();
      assertThat(dropIn).doesNotExist();
    }
    assertThat(asked)
        .hasSize(4)
        .containsOnly("ovs-vsctl get Open_vSwitch . other_config:hw-offload");
    assertThat(unit).hasContent(UNIT);
  }

  @Test
  @Spec(value = "03:Y4", differs = DIFFERS)
  void anOffloadThatIsOnIsKeptForTheNextStartWithoutAReboot() throws Exception {
    SimulatedMachine.write(unit, UNIT);
    answer = "\"true\"\n";

    assertThat(carriedOut(SWITCHDEV).rebootReasons()).isEmpty();

    assertThat(dropIn).content().contains("other_config:hw-offload=true");
    assertThat(ovs.planFor(SWITCHDEV, NOTHING).isEmpty()).isTrue();
  }

  @Test
  @Spec("03:Y1")
  @Spec("03:Y2")
  void withoutOpenVswitchOrSwitchdevNobodyIsAsked() throws Exception {
    assertThat(ovs.planFor(SWITCHDEV, NOTHING)).isEqualTo(NOTHING);
    SimulatedMachine.write(unit, UNIT);
    assertThat(ovs.planFor(spec("legacy"), NOTHING)).isEqualTo(NOTHING);
    assertThat(ovs.planFor(spec(null), NOTHING)).isEqualTo(NOTHING);
    assertThat(asked).isEmpty();
  }

  @Test
  void aUnitThatTheGoDaemonRewroteIsTakenOver() throws Exception {
    SimulatedMachine.write(
        unit,
        UNIT
            + "ExecStartPre=/bin/ovs-vsctl --no-wait set Open_vSwitch ."
            + " other_config:hw-offload=true\n");

    assertThat(ovs.planFor(SWITCHDEV, NOTHING)).isEqualTo(NOTHING);
    assertThat(asked).isEmpty();
  }
}
