package io.sriov.linux.udev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UdevTest {

  @TempDir Path folder;

  @Test
  void announcesALinkByTheEventOfItsAppearance() throws IOException {
    Path uevent = folder.resolve("class/net/eth0/uevent");
    Files.createDirectories(uevent.getParent());
    Files.writeString(uevent, "INTERFACE=eth0\n");
    var udev = new Udev(folder, new Sysfs(folder));
    udev.announce("eth0");
    assertThat(uevent).hasContent("add");
    assertThatThrownBy(() -> udev.announce("eth1"))
        .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
  }

  @Test
  void saysThatTheHostHasNoUdevadm() {
    assertThatThrownBy(() -> new Udev(folder, new Sysfs(folder)).reloadRules())
        .isInstanceOfSatisfying(
            LinuxException.class,
            e -> {
              assertThat(e.is(Errno.ENOENT)).isTrue();
              assertThat(e).hasMessageContaining("udevadm");
            });
  }
}
