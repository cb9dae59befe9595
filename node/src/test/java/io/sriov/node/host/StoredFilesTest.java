package io.sriov.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import io.sriov.api.SriovNetworkNodeStateStatus;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import io.sriov.plan.node.Inventory.InitialPf;
import io.sriov.plan.node.Inventory.UdevRule;
import io.sriov.plan.node.PciAddress;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredFilesTest {

  private static final PciAddress PF = new PciAddress("0000:04:00.0");

  @TempDir Path folder;
  private StoredFiles files;

  @BeforeEach
  void files() {
    files = new StoredFiles(new HostPaths(folder, folder.resolve("sys"), folder.resolve("tmp")));
  }

  @Test
  void storesARecordInTheFormatOfTheGoDaemon() throws IOException {
    files.saveRecord(
        PF,
        new Interface(
            PF.value(),
            2,
            0,
            "ens1",
            null,
            "legacy",
            false,
            List.of(new VfGroup("r", "netdevice", "0-1", "p", 0, false, null))));
    Path file = folder.resolve("etc/sriov-operator/pci/0000:04:00.0");
    assertThat(file)
        .content()
        .isEqualTo(
            "{\"pciAddress\":\"0000:04:00.0\",\"numVfs\":2,\"name\":\"ens1\","
                + "\"eSwitchMode\":\"legacy\",\"vfGroups\":[{\"resourceName\":\"r\","
                + "\"deviceType\":\"netdevice\",\"vfRange\":\"0-1\",\"policyName\":\"p\"}]}");
    assertThat(files.records().getFirst().spec().numVfs()).isEqualTo(2);
    files.removeRecord(PF);
    files.removeRecord(PF);
    assertThat(files.records()).isEmpty();
  }

  @Test
  @Spec("03:U1")
  @Spec("03:U2")
  @Spec("03:U3")
  void writesOverwritesAndRemovesRules() throws IOException {
    files.writeUdevRule("10-nm-disable-x.rules", "one");
    files.writeUdevRule("10-nm-disable-x.rules", "two");
    Files.writeString(folder.resolve("etc/udev/rules.d/70-others.rules"), "theirs");
    assertThat(files.udevRules()).containsExactly(new UdevRule("10-nm-disable-x.rules", "two"));
    files.removeUdevRule("10-nm-disable-x.rules");
    files.removeUdevRule("10-nm-disable-x.rules");
    assertThat(files.udevRules()).isEmpty();
  }

  @Test
  @Spec("03:U6")
  void installsTheHelperScriptAndRemovesTheRuleOfOldVersions() throws IOException {
    files.writeUdevRule("10-nm-unmanaged.rules", "old");
    files.installUdevScripts();
    assertThat(folder.resolve("etc/udev/rules.d/10-nm-unmanaged.rules")).doesNotExist();
    assertThat(folder.resolve("etc/udev/disable-nm-sriov.sh")).isExecutable();
  }

  @Test
  void theHelperScriptMarksOnlyVfsOfItsPf() throws Exception {
    files.installUdevScripts();
    Path net = folder.resolve("sys/class/net");
    Path pf = Files.createDirectories(folder.resolve("sys/devices/" + PF));
    Files.createDirectories(net.resolve("vf0/device"));
    Files.createSymbolicLink(net.resolve("vf0/device/physfn"), pf);
    Files.createDirectories(net.resolve("eth0/device"));
    Path script = folder.resolve("script");
    Files.writeString(
        script,
        Files.readString(folder.resolve("etc/udev/disable-nm-sriov.sh"))
            .replace("/sys/class/net", net.toString()));
    assertThat(run(script, "vf0", PF.value())).isEqualTo("NM_UNMANAGED=1\n");
    assertThat(run(script, "vf0", "0000:05:00.0")).isEmpty();
    assertThat(run(script, "eth0", PF.value())).isEmpty();
  }

  @Test
  void theScriptForRepresentorsPrintsTheNumberOfTheVf() throws Exception {
    files.installUdevScripts();
    Path script = folder.resolve("etc/udev/switchdev-vf-link-name.sh");
    assertThat(run(script, "pf0vf12")).isEqualTo("NUMBER=12\n");
    assertThat(run(script, "pf1vf0")).isEqualTo("NUMBER=0\n");
  }

  @Test
  @Spec(value = "03:U5", differs = "a missing folder is made; what else fails is told of at start")
  void makesTheFolderOfTheScripts() throws IOException {
    assertThat(folder.resolve("etc/udev")).doesNotExist();
    files.installUdevScripts();
    assertThat(folder.resolve("etc/udev/switchdev-vf-link-name.sh")).isExecutable();
  }

  @Test
  void saysWhichScriptCannotBeWrittenAndWritesTheOther() throws IOException {
    Files.createDirectories(folder.resolve("etc/udev/disable-nm-sriov.sh/in-the-way"));
    assertThatThrownBy(() -> files.installUdevScripts())
        .hasMessageContaining("disable-nm-sriov.sh");
    assertThat(folder.resolve("etc/udev/switchdev-vf-link-name.sh")).isExecutable();
  }

  private static String run(Path script, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("/bin/sh", script.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return new String(process.getInputStream().readAllBytes());
  }

  @Test
  @Spec(value = "03:Y25", differs = "a missing folder is made")
  void keepsAReadableCheckpointAndReplacesAnother() throws IOException {
    assertThat(files.initial()).isEmpty();
    files.saveCheckpoint(stateWithMtu(9000));
    files.saveCheckpoint(stateWithMtu(1500));
    assertThat(files.initial()).containsExactly(new InitialPf(PF, 9000, "legacy"));
    Files.writeString(folder.resolve("tmp/sno-initial-node-state.json"), "cut off {");
    assertThat(files.initial()).isEmpty();
    files.saveCheckpoint(stateWithMtu(1500));
    assertThat(files.initial()).containsExactly(new InitialPf(PF, 1500, "legacy"));
  }

  private static SriovNetworkNodeState stateWithMtu(int mtu) {
    var state = new SriovNetworkNodeState();
    state.setMetadata(new ObjectMetaBuilder().withName("worker1").build());
    var pf =
        new InterfaceExt(
            "ens1",
            null,
            "igb",
            PF.value(),
            "8086",
            "10c9",
            null,
            mtu,
            0,
            null,
            "ETH",
            "up",
            "legacy",
            false,
            7,
            List.of(),
            List.of());
    state.setStatus(
        new SriovNetworkNodeStateStatus(List.of(pf), null, null, null, null, List.of()));
    return state;
  }
}
