package io.sriov.node.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.node.host.HostPaths;
import io.sriov.node.host.KernelEvents;
import io.sriov.node.host.LinuxHost;
import io.sriov.node.host.SysfsTree;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Step;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written to sysfs, byte for byte. */
class DriverBindingTest {

  private static final PciAddress PF = new PciAddress("0000:d8:00.0");
  private static final String VF = "0000:d8:00.2";

  @TempDir Path folder;
  private final KernelEvents events = new KernelEvents();
  private SysfsTree tree;
  private LinuxHost host;

  @BeforeEach
  void card() throws IOException {
    tree = new SysfsTree(folder.resolve("sys"));
    tree.nic(PF.value(), "15b3", "101d", "mlx5_core");
    tree.sriov(PF.value(), 8, 1);
    tree.vf(PF.value(), 0, VF);
    SysfsTree.write(bus("drivers_probe"), "");
    host =
        new LinuxHost(
            new HostPaths(folder.resolve("host"), tree.sys, folder.resolve("tmp")),
            List::of,
            true,
            events,
            () -> Boot.UNKNOWN);
  }

  @AfterEach
  void close() {
    host.close();
  }

  private Path bus(String name) {
    return tree.sys.resolve("bus/pci").resolve(name);
  }

  private void bindDefault(int vf) throws IOException, InterruptedException {
    new VfSteps(host, PF, vf).run(new Step.BindDefaultDriver(PF, vf, null));
  }

  @Test
  @Spec("03:B4")
  void takesAVfFromVfioAndLetsTheKernelLookForItsDriver() throws Exception {
    tree.driver(VF, "vfio-pci");
    SysfsTree.write(bus("drivers/vfio-pci/unbind"), "");
    bindDefault(0);
    assertThat(bus("drivers/vfio-pci/unbind")).hasBinaryContent(VF.getBytes());
    assertThat(bus("drivers_probe")).hasBinaryContent(VF.getBytes());
    assertThat(tree.device(VF).resolve("driver_override")).doesNotExist();
  }

  @Test
  @Spec("03:B5")
  void clearsTheOverrideOfAVfWithoutDriver() throws Exception {
    SysfsTree.write(tree.device(VF).resolve("driver_override"), "vfio-pci");
    Files.delete(bus("drivers_probe"));
    mkfifo(bus("drivers_probe"));
    var probed =
        CompletableFuture.supplyAsync(() -> {
          try {
            String address = Files.readString(bus("drivers_probe"));
            tree.driver(VF, "mlx5_core");
            events.signal();
            return address;
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    bindDefault(0);
    assertThat(probed.get(10, TimeUnit.SECONDS)).isEqualTo(VF);
    assertThat(tree.device(VF).resolve("driver_override")).hasBinaryContent(new byte[] {0});
  }

  @Test
  @Spec("03:B3")
  void writesNothingForAVfThatGotTheKernelsDriverMeanwhile() throws Exception {
    tree.driver(VF, "mlx5_core");
    SysfsTree.write(bus("drivers/mlx5_core/unbind"), "untouched");
    bindDefault(0);
    assertThat(bus("drivers/mlx5_core/unbind")).hasContent("untouched");
    assertThat(Files.readString(bus("drivers_probe"))).isBlank();
  }

  @Test
  @Spec("03:B6")
  void saysThatThereIsNoSuchVf() {
    assertThatThrownBy(() -> bindDefault(5))
        .isInstanceOfSatisfying(
            LinuxException.class,
            e -> {
              assertThat(e.is(Errno.ENODEV)).isTrue();
              assertThat(e).hasMessageContaining("find VF 5 of 0000:d8:00.0");
            });
  }

  static void mkfifo(Path path) throws IOException, InterruptedException {
    Process made = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
    assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(made.exitValue()).isZero();
  }
}
