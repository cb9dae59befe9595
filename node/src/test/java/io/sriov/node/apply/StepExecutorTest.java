package io.sriov.node.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.linux.Errno;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepExecutorTest {

  private static final String PF = "0000:04:00.0";
  private static final String OTHER = "0000:05:00.0";

  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final SimulatedKernel kernel = new SimulatedKernel(host);

  private List<StepResult> apply(String interfaces) throws InterruptedException {
    var desired =
        Serialization.unmarshal("interfaces: " + interfaces, SriovNetworkNodeStateSpec.class);
    try (var executor = new StepExecutor(kernel)) {
      return executor.execute(Planner.plan(desired, host.inventory()), StepExecutor.Guard.NONE);
    }
  }

  private static List<String> failures(List<StepResult> results) {
    return results.stream().filter(StepResult::failed).map(StepResult::failure).toList();
  }

  private static String vfs(String pf, int count, String group) {
    return "{pciAddress: '" + pf + "', numVfs: " + count + ", vfGroups: [{" + group + "}]}";
  }

  @Test
  void goesThroughZeroWhenTheCountChanges() throws Exception {
    var pf = host.addPf(PF);
    host.writeNumVfs(pf.pci, 2);
    assertThat(failures(apply("[{pciAddress: '" + PF + "', numVfs: 3}]"))).isEmpty();
    assertThat(kernel.writes())
        .filteredOn(write -> write.startsWith("numvfs"))
        .containsExactly("numvfs " + PF + " 0", "numvfs " + PF + " 3");
  }

  @Test
  @Spec("03:B7")
  void bindsByOverrideAndLeavesNoneBehind() throws Exception {
    host.addPf(PF);
    apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]");
    host.loadModule("vfio_pci");
    int before = kernel.writes().size();
    apply("[" + vfs(PF, 1, "vfRange: 0-0, deviceType: vfio-pci") + "]");
    var writes = kernel.writes();
    assertThat(writes.subList(before + 1, writes.size()))
        .containsExactly(
            "unbind " + PF + " 0",
            "override " + PF + " 0",
            "bind " + PF + " 0 vfio-pci",
            "clear override " + PF + " 0");
  }

  @Test
  @Spec("03:B9")
  void reportsTheKernelsErrorAndClearsTheOverrideWhenBindingFails() throws Exception {
    var pf = host.addPf(PF);
    host.loadModule("vfio_pci");
    kernel.fail("bind " + PF + " 0 vfio-pci", Errno.EINVAL);
    assertThat(failures(apply("[" + vfs(PF, 1, "vfRange: 0-0, deviceType: vfio-pci") + "]")))
        .containsExactly(
            "0000:04:00.0: bind driver vfio-pci of VF 0 (0000:04:10.0): bind 0000:04:00.0 0"
                + " vfio-pci: EINVAL; look into the kernel log; it is retried");
    assertThat(pf.vfs.getFirst().override).isNull();
  }

  @Test
  @Spec("03:B8")
  void saysThatTheIommuIsMissing() throws Exception {
    host.addPf(PF);
    host.loadModule("vfio_pci");
    kernel.fail("bind " + PF + " 0 vfio-pci", Errno.EINVAL);
    var desired =
        Serialization.unmarshal(
            "interfaces: [" + vfs(PF, 1, "vfRange: 0-0, deviceType: vfio-pci") + "]",
            SriovNetworkNodeStateSpec.class);
    var plan = Planner.plan(desired, host.inventory());
    host.pf(PF).iommu = false;
    try (var executor = new StepExecutor(kernel)) {
      assertThat(failures(executor.execute(plan, StepExecutor.Guard.NONE)))
          .singleElement()
          .asString()
          .contains("no IOMMU group", "BIOS", "EINVAL");
    }
  }

  @Test
  @Spec(
      value = "03:F30",
      differs =
          "PFs are configured beside each other and stay as far as they got; resets are done too")
  @Spec(
      value = "03:F31",
      differs = "the record of the failed PF says only that the operator began to configure it")
  void finishesTheOtherPfsWhenOneFails() throws Exception {
    host.addPf(PF);
    var other = host.addPf(OTHER);
    var unnamed = host.addPf("0000:06:00.0");
    apply("[" + vfs("0000:06:00.0", 2, "vfRange: 0-1") + "]");
    assertThat(unnamed.vfs).hasSize(2);
    kernel.fail("numvfs " + PF + " 2", Errno.ENOSPC);
    var results =
        apply("[" + vfs(PF, 2, "vfRange: 0-1") + "," + vfs(OTHER, 2, "vfRange: 0-1") + "]");
    assertThat(failures(results))
        .singleElement()
        .asString()
        .startsWith("0000:04:00.0: set sriov_numvfs from 0 to 2: ")
        .contains("ENOSPC; the bus has no room for so many VFs");
    assertThat(other.vfs).hasSize(2).allMatch(vf -> !vf.adminMac.startsWith("00:00"));
    assertThat(unnamed.vfs).isEmpty();
  }

  @Test
  void finishesTheOtherVfsWhenOneFails() throws Exception {
    var pf = host.addPf(PF);
    pf.mtu = 9000;
    kernel.fail("mtu " + PF + " 1 9000", Errno.EINVAL);
    var results = apply("[" + vfs(PF, 3, "vfRange: 0-2, mtu: 9000") + "]");
    assertThat(failures(results))
        .containsExactly(
            "0000:04:00.0: set MTU 9000 of VF 1 (0000:04:10.1): mtu 0000:04:00.0 1 9000: EINVAL;"
                + " the driver does not allow this MTU: choose another");
    assertThat(pf.vfs).extracting(vf -> vf.mtu).containsExactly(9000, 1500, 9000);
  }

  @Test
  @Spec("03:F20")
  void givesUpOnAVfWhoseNetdevNeverAppears() throws Exception {
    var pf = host.addPf(PF);
    pf.vfDriver = "absent";
    pf.autoprobe = true;
    host.writeNumVfs(pf.pci, 1);
    host.unbind(pf.pci, 0);
    assertThat(failures(apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]")))
        .singleElement()
        .asString()
        .contains("bind kernel driver of VF 0", "ETIMEDOUT", "blacklisted");
  }

  @Test
  void toleratesADriverWithoutAdministrativeMacs() throws Exception {
    host.addPf(PF).adminMacs = false;
    assertThat(failures(apply("[" + vfs(PF, 2, "vfRange: 0-1") + "]"))).isEmpty();
  }

  @Test
  void writesTheUdevRuleBeforeTheVfsItIsFor() throws Exception {
    host.addPf(PF);
    apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]");
    assertThat(kernel.writes())
        .containsSubsequence(
            "record " + PF,
            "rule 10-nm-disable-" + PF + ".rules",
            "numvfs " + PF + " 1",
            "mac " + PF + " 0");
  }

  @Test
  @Spec("03:F19")
  void bindsOnceMoreWhenAVfHasNoNetdev() throws Exception {
    var pf = host.addPf(PF);
    pf.silentProbes = 1;
    assertThat(failures(apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]"))).isEmpty();
    assertThat(kernel.writes())
        .containsSubsequence("unbind " + PF + " 0", "probe " + PF + " 0", "mac " + PF + " 0");
    assertThat(pf.vfs.getFirst().adminMac).isEqualTo(pf.vfs.getFirst().mac);
  }

  @Test
  void saysThatADriverDoesNotComeBack() throws Exception {
    host.addPf(PF);
    kernel.fail("numvfs " + PF + " 2", Errno.ETIMEDOUT);
    assertThat(failures(apply("[" + vfs(PF, 2, "vfRange: 0-1") + "]")))
        .containsExactly(
            "0000:04:00.0: set sriov_numvfs from 0 to 2: numvfs 0000:04:00.0 2: ETIMEDOUT; the"
                + " driver hangs: look into the kernel log; it is retried");
  }

  @Test
  @Spec("03:F21")
  void waitsForANetdevThatTakesAWhile() throws Exception {
    var pf = host.addPf(PF);
    pf.slowNetdevs = 1;
    assertThat(failures(apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]"))).isEmpty();
    assertThat(kernel.writes()).noneMatch(write -> write.startsWith("unbind"));
    assertThat(pf.vfs.getFirst().adminMac).isEqualTo(pf.vfs.getFirst().mac);
  }

  @Test
  @Spec(value = "03:F14", differs = "the PF is not reset: the next pass goes on from there")
  void saysThatDevicesOfVfsAreMissing() throws Exception {
    var pf = host.addPf(PF);
    pf.missingVfs = 1;
    assertThat(failures(apply("[" + vfs(PF, 2, "vfRange: 0-1") + "]")))
        .containsExactly(
            "0000:04:00.0: set sriov_numvfs from 0 to 2: wait for 2 VFs: ETIMEDOUT (1 there after"
                + " 120 s); the driver hangs: look into the kernel log; it is retried");
    pf.missingVfs = 0;
    assertThat(failures(apply("[" + vfs(PF, 2, "vfRange: 0-1") + "]"))).isEmpty();
    assertThat(kernel.writes()).containsOnlyOnce("numvfs " + PF + " 2");
  }

  @Test
  @Spec(value = "03:F36", differs = "it is an error, and tried again")
  void saysThatVfsWentAwayWhileTheyWereConfigured() throws Exception {
    var pf = host.addPf(PF);
    kernel.before("mac " + PF + " 0", () -> host.writeNumVfs(pf.pci, 0));
    assertThat(failures(apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]")))
        .singleElement()
        .asString()
        .startsWith("0000:04:00.0: set administrative MAC address of VF 0: ")
        .contains("ENOENT; the device or its driver went away; it is retried");
    assertThat(pf.up).isTrue();
  }

  private SimulatedHost.SimPf card() {
    var card = host.addPf(PF);
    card.driver = "mlx5_core";
    card.vfDriver = "mlx5_core";
    card.devlink = true;
    card.tcOffload = false;
    card.flowSteering = "dmfs";
    return card;
  }

  private static final String SWITCHDEV =
      "[{pciAddress: '" + PF + "', name: ens1, numVfs: 1, eSwitchMode: switchdev}]";

  @Test
  @Spec("03:F9")
  void doesWithoutASteeringModeThatTheDriverRefuses() throws Exception {
    var card = card();
    kernel.fail("flow_steering_mode " + PF + " smfs", Errno.EIO);
    assertThat(failures(apply(SWITCHDEV)))
        .singleElement()
        .asString()
        .startsWith("0000:04:00.0: set flow_steering_mode smfs: ")
        .contains("EIO");
    assertThat(card.eswitchMode).isEqualTo("legacy");

    kernel.fail("flow_steering_mode " + PF + " smfs", Errno.EOPNOTSUPP);
    assertThat(failures(apply(SWITCHDEV))).isEmpty();
    assertThat(card.eswitchMode).isEqualTo("switchdev");
    assertThat(card.flowSteering).isEqualTo("dmfs");
  }

  @Test
  @Spec("03:F10")
  void doesWithoutAnOffloadThatTheDriverHasNotOrLeavesOff() throws Exception {
    var card = card();
    kernel.fail("hw-tc-offload " + PF, Errno.EIO);
    assertThat(failures(apply(SWITCHDEV)))
        .singleElement()
        .asString()
        .startsWith("0000:04:00.0: enable hw-tc-offload: ");
    assertThat(card.eswitchMode).isEqualTo("legacy");

    kernel.heal();
    card.tcOffloadStuck = true;
    assertThat(failures(apply(SWITCHDEV))).isEmpty();
    assertThat(card.eswitchMode).isEqualTo("switchdev");

    assertThat(failures(apply("[]"))).isEmpty();
    card.tcOffload = null;
    int before = kernel.writes().size();
    assertThat(failures(apply(SWITCHDEV))).isEmpty();
    assertThat(kernel.writes().subList(before, kernel.writes().size()))
        .contains("eswitch " + PF + " switchdev")
        .doesNotContain("hw-tc-offload " + PF);
  }

  @Test
  void tellsUdevOfTheRuleBeforeTheRuleCountsAsWritten() throws Exception {
    card();
    apply(SWITCHDEV);
    String rule = "rule 20-switchdev-" + PF + ".rules";
    assertThat(kernel.writes()).containsSubsequence(rule, "udev " + PF, rule);
    assertThat(host.rules().get("20-switchdev-" + PF + ".rules")).doesNotEndWith("\n");
  }

  @Test
  @Spec("03:F19")
  void saysThatAVfNeverGotItsNetdev() throws Exception {
    host.addPf(PF).silentProbes = 2;
    assertThat(failures(apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]")))
        .singleElement()
        .asString()
        .contains("administrative MAC address of VF 0 (0000:04:10.0)", "netdev", "ETIMEDOUT");
    // Once more, not until it works.
    assertThat(kernel.writes()).containsOnlyOnce("unbind " + PF + " 0");
  }

  @Test
  @Spec("03:S10")
  void resetsPfsBesideEachOther() throws Exception {
    var pf = host.addPf(PF);
    var other = host.addPf(OTHER);
    apply("[" + vfs(PF, 2, "vfRange: 0-1") + "," + vfs(OTHER, 2, "vfRange: 0-1") + "]");
    assertThat(failures(apply("[]"))).isEmpty();
    assertThat(pf.vfs).isEmpty();
    assertThat(other.vfs).isEmpty();
    assertThat(host.records()).isEmpty();
    assertThat(host.rules()).isEmpty();
  }

  /** As a pod's CNI ADD does between the decision and the step. */
  private void moveIntoAPod(SimulatedHost.SimVf vf) {
    vf.mac = null;
    vf.mtu = 0;
  }

  @Test
  void leavesAVfBoundThatWentIntoAPodBeforeItsMtuWasSet() throws Exception {
    var pf = host.addPf(PF);
    pf.mtu = 9000;
    apply("[" + vfs(PF, 1, "vfRange: 0-0") + "]");
    kernel.before(
        "record " + PF,
        () -> {
          moveIntoAPod(pf.vfs.getFirst());
          host.use(pf.vfs.getFirst().pci, "default/web");
        });
    assertThat(failures(apply("[" + vfs(PF, 1, "vfRange: 0-0, mtu: 9000") + "]")))
        .singleElement()
        .asString()
        .contains("set MTU 9000 of VF 0", "netdev", "ETIMEDOUT");
    assertThat(pf.vfs.getFirst().driver).isEqualTo("igbvf");
  }

  @Test
  void destroysNoVfsThatCameAfterThePlanWasMade() throws Exception {
    var pf = host.addPf(PF);
    kernel.before("record " + PF, () -> host.writeNumVfs(pf.pci, 3));
    assertThat(failures(apply("[" + vfs(PF, 2, "vfRange: 0-1") + "]")))
        .singleElement()
        .asString()
        .contains("somebody else made 3 VFs meanwhile");
    assertThat(pf.vfs).hasSize(3);
  }
}
