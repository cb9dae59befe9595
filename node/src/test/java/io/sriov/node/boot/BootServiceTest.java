package io.sriov.node.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.linux.Errno;
import io.sriov.node.apply.SimulatedKernel;
import io.sriov.node.host.Host;
import io.sriov.node.host.SupportedNic;
import io.sriov.plan.node.BootLoader;
import io.sriov.plan.node.BootServices;
import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.plan.node.VfInUse;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootServiceTest {

  private static final String PF = "0000:04:00.0";
  private static final String NAME = "p000004000";

  @TempDir Path folder;
  private SimulatedMachine machine;
  private ServiceFiles files;
  private SimulatedHost host;
  private SimulatedKernel kernel;
  private List<SupportedNic> opened = List.of();
  private List<VfInUse> holders = List.of();

  /** Looks at the PFs' names that still find the old ones, and how long it was waited. */
  private int looksBeforeRename;

  private final List<Duration> waits = new ArrayList<>();

  @BeforeEach
  void makeHost() throws IOException {
    machine = new SimulatedMachine(folder, BootLoader.GRUB);
    files = new ServiceFiles(machine.paths);
    host = new SimulatedHost(new Random(1));
    host.addPf(PF).totalVfs = 4;
    kernel = new SimulatedKernel(host);
    SimulatedMachine.write(
        machine.paths.host(BootServices.SUPPORTED_NICS_FILE), "8086 10c9 10ca\n15b3 1017 1018\n");
    configure(wanted(2));
  }

  @Test
  @Spec("03:Y14")
  void theFirstPhaseMakesVfsAndReportsThatItIsUnderWay() throws Exception {
    assertThat(run(ServicePhase.PRE)).isZero();

    assertThat(result()).isEqualTo(new Result("InProgress", ""));
    assertThat(host.pf(PF).vfs).hasSize(2);
    assertThat(kernel.writes())
        .contains("module tun", "module vhost_net", "numvfs " + PF + " 2")
        .as("links and VFs are the second phase's")
        .noneMatch(write -> write.startsWith("up ") || write.startsWith("mac "));
    assertThat(files.text(BootServices.RESULT_FILE))
        .contains("syncStatus: InProgress\nlastSyncError: \"\"\n");
  }

  @Test
  @Spec("03:Y16")
  void theSecondPhaseFinishesTheWork() throws Exception {
    run(ServicePhase.PRE);

    assertThat(run(ServicePhase.POST)).isZero();

    assertThat(result()).isEqualTo(new Result("Succeeded", ""));
    assertThat(host.pf(PF).up).isTrue();
    assertThat(host.pf(PF).vfs).allMatch(vf -> vf.driver.equals("vfio-pci"));
  }

  @Test
  @Spec("03:Y14")
  void aStepThatFailsIsReportedWithItsPhase() throws Exception {
    kernel.fail("numvfs " + PF + " 2", Errno.ENOSPC);

    assertThat(run(ServicePhase.PRE)).isOne();

    assertThat(result().syncStatus()).isEqualTo("Failed");
    assertThat(result().lastSyncError())
        .startsWith("pre: failed to apply configuration: " + PF + ": set sriov_numvfs from 0 to 2:")
        .contains("ENOSPC");
  }

  @Test
  void whatIsRefusedFailsTheSecondPhaseAfterTheRestIsDone() throws Exception {
    var absent = new Interface("0000:99:00.0", 2, 0, "gone", null, null, false, List.of());
    configure(
        new SriovNetworkNodeStateSpec(
            List.of(wanted(2).interfaces().getFirst(), absent), null, null));

    assertThat(run(ServicePhase.PRE)).isZero();
    assertThat(run(ServicePhase.POST)).isOne();

    assertThat(result().lastSyncError())
        .startsWith("post: failed to apply configuration: 0000:99:00.0: no such PF on this node");
    assertThat(host.pf(PF).vfs).allMatch(vf -> vf.driver.equals("vfio-pci"));
  }

  @Test
  @Spec("03:Y15")
  void theSecondPhaseDoesNothingAfterAFailedFirst() throws Exception {
    files.writeResult(new Result("Failed", "pre: it broke"));

    assertThat(run(ServicePhase.POST)).isOne();

    assertThat(result())
        .isEqualTo(
            new Result(
                "Failed",
                "post: unexpected result of the pre phase: Failed, syncError: pre: it broke"));
    assertThat(kernel.writes()).isEmpty();
  }

  @Test
  void theSecondPhaseDoesNothingWithoutAFirst() throws Exception {
    assertThat(run(ServicePhase.POST)).isOne();

    assertThat(result().lastSyncError()).isEqualTo("post: the pre phase left no result");
    assertThat(kernel.writes()).isEmpty();
  }

  @Test
  @Spec("03:Y17")
  void waitsUntilThePfHasItsNameAndUdevIsDone() throws Exception {
    looksBeforeRename = 2;

    assertThat(run(ServicePhase.PRE)).isZero();

    assertThat(waits).containsExactly(Duration.ofSeconds(60));
    assertThat(looksBeforeRename).isZero();
    assertThat(machine.commands()).containsExactly("udevadm settle -t 60");
    assertThat(host.pf(PF).vfs).hasSize(2);
  }

  @Test
  @Spec("03:Y18")
  void goesOnWhenThePfNeverGetsItsName() throws Exception {
    looksBeforeRename = Integer.MAX_VALUE;

    assertThat(run(ServicePhase.PRE)).isZero();

    assertThat(waits).containsExactly(Duration.ofSeconds(60));
    assertThat(host.pf(PF).vfs).hasSize(2);
  }

  @Test
  void goesOnWhenUdevDoesNotSettle() throws Exception {
    machine.failing = 1;

    assertThat(run(ServicePhase.PRE)).isZero();
  }

  @Test
  @Spec(value = "03:Y19", differs = "only bare metal is supported; the others are told so")
  void aVirtualPlatformIsRefusedWithoutWaiting() throws Exception {
    SimulatedMachine.write(
        machine.paths.host(BootServices.CONFIG_FILE),
        new ServiceConfig(wanted(2), false, "Virtual/Openstack").toYaml());

    assertThat(run(ServicePhase.PRE)).isOne();

    assertThat(result().lastSyncError())
        .isEqualTo("pre: platform Virtual/Openstack is not supported");
    assertThat(waits).isEmpty();
    assertThat(machine.commands()).isEmpty();
  }

  @Test
  @Spec("03:Y20")
  void withoutConfigurationNothingIsWanted() throws Exception {
    Files.delete(machine.paths.host(BootServices.CONFIG_FILE));

    assertThat(run(ServicePhase.PRE)).isZero();

    assertThat(host.pf(PF).vfs).isEmpty();
    assertThat(waits).isEmpty();
  }

  @Test
  @Spec("03:Y20")
  void withoutTheListOfCardsThePhaseFails() throws Exception {
    Files.delete(machine.paths.host(BootServices.SUPPORTED_NICS_FILE));

    assertThat(run(ServicePhase.PRE)).isOne();

    assertThat(result().lastSyncError())
        .isEqualTo("pre: there is no /etc/sriov-operator/sriov-supported-nics-ids.yaml");
  }

  @Test
  @Spec("03:Y21")
  void theLastNewlineOfTheListIsNoCard() throws Exception {
    SimulatedMachine.write(
        machine.paths.host(BootServices.SUPPORTED_NICS_FILE), "8086 10c9 10ca\n\n");

    assertThat(run(ServicePhase.PRE)).isZero();

    assertThat(opened).containsExactly(new SupportedNic("8086", "10c9", "10ca"));
  }

  @Test
  @Spec("03:Y24")
  void anEmptyConfigurationAsksForNothing() throws Exception {
    SimulatedMachine.write(machine.paths.host(BootServices.CONFIG_FILE), "");

    assertThat(run(ServicePhase.PRE)).isZero();
    assertThat(run(ServicePhase.POST)).isZero();

    assertThat(result()).isEqualTo(new Result("Succeeded", ""));
  }

  @Test
  void aConfigurationThatIsNoYamlChangesNothing() throws Exception {
    SimulatedMachine.write(machine.paths.host(BootServices.CONFIG_FILE), "spec: [");

    assertThat(run(ServicePhase.PRE)).isOne();

    assertThat(files.text(BootServices.RESULT_FILE)).isEmpty();
    assertThat(kernel.writes()).isEmpty();
  }

  @Test
  @Spec("03:K14")
  void aModuleThatIsMissingKeepsNobodyFromStarting() throws Exception {
    kernel.fail("module tun", Errno.ENOENT);

    PodModules.load(kernel);

    assertThat(kernel.writes()).containsExactly("module tun", "module vhost_net");
    assertThat(run(ServicePhase.PRE)).isZero();
  }

  @Test
  void startedByHandItTakesNoVfFromAPod() throws Exception {
    run(ServicePhase.PRE);
    run(ServicePhase.POST);
    var vf = host.inventory().pfs().getFirst().vfs().getFirst().pci();
    host.use(vf, "default/pod");
    holders = host.inventory().inUse();
    configure(wanted(3));

    assertThat(run(ServicePhase.PRE)).isOne();

    assertThat(result().lastSyncError()).contains("VFs are in use by pods: default/pod");
    assertThat(host.pf(PF).vfs).hasSize(2);
  }

  private int run(ServicePhase phase) throws InterruptedException {
    return new BootService(
            phase,
            machine.paths,
            machine,
            (supported, _) -> {
              opened = supported;
              return seen();
            },
            _ -> holders)
        .run();
  }

  /** The host, whose PF gets its name late. */
  private Host seen() {
    return (Host)
        Proxy.newProxyInstance(
            Host.class.getClassLoader(),
            new Class<?>[] {Host.class},
            (_, method, arguments) -> {
              if (method.getName().equals("await") && waits.isEmpty()) {
                waits.add((Duration) arguments[1]);
                return waitedFor((Host.Condition) arguments[0]);
              }
              try {
                return method.invoke(kernel, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private boolean waitedFor(Host.Condition condition) throws IOException {
    for (int look = 0; look < 10; look++) {
      if (looksBeforeRename == 0) {
        return condition.holds();
      }
      looksBeforeRename -= looksBeforeRename == Integer.MAX_VALUE ? 0 : 1;
    }
    return false;
  }

  private Result result() throws IOException {
    return files.result().orElseThrow();
  }

  private void configure(SriovNetworkNodeStateSpec wanted) throws IOException {
    SimulatedMachine.write(
        machine.paths.host(BootServices.CONFIG_FILE),
        new ServiceConfig(wanted, false, "Baremetal").toYaml());
  }

  private static SriovNetworkNodeStateSpec wanted(int vfs) {
    var group = new VfGroup("dpdk", "vfio-pci", "0-" + (vfs - 1), "policy", 0, false, null);
    return new SriovNetworkNodeStateSpec(
        List.of(new Interface(PF, vfs, 0, NAME, null, null, false, List.of(group))), null, null);
  }
}
