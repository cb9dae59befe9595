package io.sriov.linux.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelModulesTest {

  @TempDir Path directory;

  private KernelModules modules;

  @BeforeEach
  void makeHost() throws IOException {
    Path proc = Files.createDirectories(directory.resolve("proc"));
    Files.createDirectories(proc.resolve("sys/kernel"));
    Files.writeString(proc.resolve("sys/kernel/osrelease"), "6.12.95\n");
    Files.writeString(
        proc.resolve("modules"),
        """
        tunnel4 16384 0 - Live 0x0000000000000000
        vfio_iommu_type1 49152 0 - Live 0x0000000000000000
        vfio_pci 16384 0 - Live 0x0000000000000000
        """);
    Path host = directory.resolve("host");
    Files.createDirectories(host.resolve("lib/modules/6.12.95"));
    Files.writeString(
        host.resolve("lib/modules/6.12.95/modules.builtin"),
        "kernel/drivers/net/virtio-net.ko\nkernel/lib/zstd.ko.xz\n");
    modules = new KernelModules(proc, host);
  }

  @Test
  void knowsLoadedAndBuiltInModulesInBothSpellings() throws IOException {
    assertThat(modules.isPresent("vfio-pci")).isTrue();
    assertThat(modules.isPresent("vfio_pci")).isTrue();
    assertThat(modules.isPresent("virtio_net")).isTrue();
    assertThat(modules.isPresent("zstd")).isTrue();
  }

  @Test
  void doesNotTakeTheBeginningOfANameForTheName() throws IOException {
    assertThat(modules.isPresent("tun")).isFalse();
    assertThat(modules.isPresent("vfio")).isFalse();
  }

  /** The host of this test has no modprobe: to run it would fail. */
  @Test
  @Spec("03:K13")
  void runsNothingForAModuleThatIsPresent() throws IOException {
    modules.load("vfio-pci");
  }

  /** chroot and modprobe fail here, but they are tried. */
  @Test
  @Spec("03:K12")
  void triesModprobeWhenItCannotBeSeenWhatIsLoaded() throws IOException {
    Files.delete(directory.resolve("proc/sys/kernel/osrelease"));
    Files.delete(directory.resolve("proc/modules"));
    Path unreadable = Files.createDirectory(directory.resolve("proc/modules"));
    assertThat(unreadable).isDirectory();

    assertThatThrownBy(() -> modules.isPresent("tun")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> modules.load("tun")).hasMessageContaining("modprobe tun");
  }

  @Test
  void saysThatTheHostCouldNotLoadTheModule() {
    assertThatThrownBy(() -> modules.load("no_such_module"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("modprobe no_such_module");
  }
}
