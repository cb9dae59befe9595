package io.sriov.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.linux.LinuxException;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.Refusal;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A driver that does not come back from a write. A pipe that nobody reads stands for the attribute:
 * whoever writes or reads it waits, as for the lock of the kernel.
 */
class HangingDriverTest {

  private static final String PF = "0000:04:00.0";
  private static final Duration SLOW = Duration.ofMillis(200);
  private static final Duration PROMPT = Duration.ofSeconds(20);

  private static final SriovNetworkNodeStateSpec TWO_VFS =
      Serialization.unmarshal(
          "interfaces:\n- {pciAddress: '" + PF + "', numVfs: 2}", SriovNetworkNodeStateSpec.class);

  @TempDir Path folder;

  @Test
  @Spec("03:F5")
  void isReportedAndLeftAloneUntilItIsBack() throws Exception {
    assertThat(LinuxHost.SLOW_WRITE).isEqualTo(Duration.ofMinutes(2));
    var tree = new SysfsTree(folder.resolve("sys"));
    tree.nic(PF, "8086", "10c9", "igb");
    tree.sriov(PF, 7, 0);
    // A link that every host has: the dump is the kernel's.
    tree.netdev(PF, "net", SysfsTree.link("lo", "00:00:00:00:00:00"));
    Path numVfs = tree.device(PF).resolve("sriov_numvfs");
    var paths = new HostPaths(folder.resolve("host"), tree.sys, folder.resolve("tmp"));
    try (var host =
        new LinuxHost(paths, List::of, true, new KernelEvents(), () -> Boot.UNKNOWN, SLOW)) {
      PciAddress pf = host.inventory().pfs().getFirst().pci();
      Path pipe = replaceByPipe(numVfs);

      assertThatThrownBy(() -> assertTimeoutPreemptively(PROMPT, () -> host.writeNumVfs(pf, 2)))
          .isInstanceOf(LinuxException.class)
          .hasMessageStartingWith("write 2 to sriov_numvfs of 0000:04:00.0: ETIMEDOUT (not back");

      Inventory during = assertTimeoutPreemptively(PROMPT, host::inventory);
      assertThat(Planner.plan(TWO_VFS, during).refusals())
          .extracting(Refusal::message)
          .singleElement()
          .asString()
          .startsWith(
              "0000:04:00.0: the driver has not come back from \"write 2 to sriov_numvfs of"
                  + " 0000:04:00.0, since ");

      replace(numVfs, "2");
      assertThat(Files.readString(pipe)).isEqualTo("2");
      await()
          .atMost(PROMPT)
          .untilAsserted(() -> assertThat(host.inventory().pfs().getFirst().hangs()).isNull());
      assertThat(host.inventory().pfs().getFirst().numVfs()).isEqualTo(2);
    }
  }

  /** Another name of the pipe that the attribute becomes. */
  private static Path replaceByPipe(Path attribute) throws Exception {
    Path pipe = attribute.resolveSibling("pipe");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start();
    assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(made.exitValue()).isZero();
    Path link = Files.createLink(attribute.resolveSibling("link"), pipe);
    Path moved = Files.move(link, attribute, StandardCopyOption.ATOMIC_MOVE);
    assertThat(moved).isEqualTo(attribute);
    return pipe;
  }

  private static void replace(Path attribute, String text) throws IOException {
    Path other = attribute.resolveSibling("other");
    Files.writeString(other, text);
    Path moved = Files.move(other, attribute, StandardCopyOption.ATOMIC_MOVE);
    assertThat(moved).isEqualTo(attribute);
  }
}
