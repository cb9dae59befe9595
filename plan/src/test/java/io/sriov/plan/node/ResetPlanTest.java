package io.sriov.plan.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.node.SimulatedHost.SimPf;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A PF that nobody names any more. */
class ResetPlanTest {

  private static final String PF = "0000:04:00.0";
  private static final String RULE = "10-nm-disable-0000:04:00.0.rules";

  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private SimPf pf;

  @BeforeEach
  void pf() {
    pf = host.addPf(PF);
  }

  private void ours(boolean externallyManaged) {
    host.saveRecord(pf.pci, new Interface(PF, 2, 0, "p", null, null, externallyManaged, List.of()));
    host.writeRule(RULE, "x");
  }

  private NodePlan plan() {
    return Planner.plan(SriovNetworkNodeStateSpec.EMPTY, host.inventory());
  }

  @Test
  @Spec("03:S1")
  void returnsToNoVfsAndTheDefaultMtu() {
    ours(false);
    pf.mtu = 9000;
    host.writeNumVfs(pf.pci, 2);
    assertThat(plan().steps())
        .containsExactly(
            new Step.SetPfMtu(pf.pci, 9000, 1500),
            new Step.ResizeVfs(pf.pci, 2, 0),
            new Step.RemoveUdevRule(pf.pci, RULE),
            new Step.RemovePfRecord(pf.pci));
  }

  @Test
  @Spec("03:S3")
  void returnsToTheMtuOfBeforeIfThatIsKnown() {
    ours(false);
    host.writeNumVfs(pf.pci, 2);
    host.initially(PF, 9000, "legacy");
    assertThat(plan().steps()).startsWith(new Step.SetPfMtu(pf.pci, 1500, 9000));
    host.initially(PF, 0, null);
    assertThat(plan().steps()).startsWith(new Step.ResizeVfs(pf.pci, 2, 0));
  }

  @Test
  @Spec("03:S2")
  void returnsToTheModeOfBefore() {
    ours(false);
    pf.devlink = true;
    pf.driver = "mlx5_core";
    host.initially(PF, 9000, "switchdev");
    pf.eswitchMode = "switchdev";
    host.writeNumVfs(pf.pci, 1);
    assertThat(plan().steps())
        .startsWith(
            new Step.SetPfMtu(pf.pci, 1500, 9000),
            new Step.UnbindDriver(pf.pci, 0, "VFs must have no driver while the eswitch changes"),
            new Step.SetEswitchMode(pf.pci, "switchdev", "legacy"),
            new Step.ResizeVfs(pf.pci, 1, 0),
            new Step.SetEswitchMode(pf.pci, "legacy", "switchdev"));
    SimulatedApply.apply(host, plan().steps());
    assertThat(plan().isEmpty()).isTrue();
    assertThat(pf.eswitchMode).isEqualTo("switchdev");
    assertThat(pf.mtu).isEqualTo(9000);
    assertThat(pf.vfs).isEmpty();
  }

  @Test
  void returnsToLegacyModeWhenNothingElseIsKnown() {
    ours(false);
    pf.devlink = true;
    pf.driver = "mlx5_core";
    pf.eswitchMode = "switchdev";
    assertThat(plan().steps()).startsWith(new Step.SetEswitchMode(pf.pci, "switchdev", "legacy"));
  }

  @Test
  @Spec("03:S4")
  void putsTheVfCountFirstOnInfiniband() {
    ours(false);
    pf.linkType = "IB";
    host.writeNumVfs(pf.pci, 2);
    assertThat(plan().steps())
        .startsWith(new Step.ResizeVfs(pf.pci, 2, 0), new Step.SetPfMtu(pf.pci, 1500, 2048));
  }

  @Test
  @Spec("03:S5")
  void onlyCleansUpFilesWithoutALinkType() {
    ours(false);
    pf.linkType = null;
    host.writeNumVfs(pf.pci, 2);
    assertThat(plan().steps())
        .containsExactly(new Step.RemoveUdevRule(pf.pci, RULE), new Step.RemovePfRecord(pf.pci));
  }

  @Test
  @Spec("03:S6")
  @Spec("03:S11")
  void onlyCleansUpFilesWhenTheVfsAreGone() {
    ours(false);
    assertThat(plan().steps())
        .containsExactly(new Step.RemoveUdevRule(pf.pci, RULE), new Step.RemovePfRecord(pf.pci));
  }

  @Test
  @Spec("03:S7")
  void leavesTheVfsOfAnExternallyManagedPf() {
    ours(true);
    host.writeNumVfs(pf.pci, 2);
    assertThat(plan().steps()).containsExactly(new Step.RemovePfRecord(pf.pci));
  }

  @Test
  @Spec("03:S8")
  void leavesVfsThatTheOperatorDidNotMake() {
    host.writeNumVfs(pf.pci, 5);
    assertThat(plan().isEmpty()).isTrue();
  }

  @Test
  @Spec("03:S9")
  void doesNotGuessWhatAnUnreadableRecordMeant() {
    host.corruptRecord(PF);
    host.writeNumVfs(pf.pci, 5);
    assertThat(plan().steps()).isEmpty();
    assertThat(plan().refusals().getFirst().message())
        .contains(PF, "/etc/sriov-operator/pci/" + PF, "not JSON", "remove that file");
  }

  @Test
  @Spec(
      value = "03:C18",
      differs =
          "a record says whose VFs there are: none is dropped unseen, whatever the generation")
  void takesRecordsForWhatTheyAreThoughNothingWasEverWanted() {
    ours(false);
    host.writeNumVfs(pf.pci, 2);
    SimulatedApply.apply(host, plan().steps());
    assertThat(host.records()).isEmpty();
    assertThat(pf.vfs).isEmpty();
    assertThat(plan().isEmpty()).isTrue();
  }

  @Test
  void waitsForPodsThatHoldAVf() {
    ours(false);
    host.writeNumVfs(pf.pci, 2);
    host.use(pf.vfs.getFirst().pci, "default/web");
    assertThat(plan().steps()).isEmpty();
    assertThat(plan().blocked()).hasSize(1);
    host.release();
    assertThat(plan().steps()).hasSize(3);
  }
}
