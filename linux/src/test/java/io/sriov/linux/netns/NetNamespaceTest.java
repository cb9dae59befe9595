package io.sriov.linux.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetNamespaceTest {

  @Test
  void aNewNamespaceIsAnotherAndTheProcessStaysInItsOwn() throws LinuxException {
    try (NetNamespace before = NetNamespace.current();
        NetNamespace made = NetNamespace.create();
        NetNamespace after = NetNamespace.current()) {
      assertThat(made.sameAs(before)).isFalse();
      assertThat(made.cookie()).isNotEqualTo(before.cookie());
      assertThat(after.sameAs(before)).isTrue();
    }
  }

  @Test
  @Spec("04:116")
  void opensANamespaceByItsPathInProc() throws LinuxException {
    try (NetNamespace own = NetNamespace.current();
        NetNamespace byPath =
            NetNamespace.open(Path.of("/proc/" + ProcessHandle.current().pid() + "/ns/net"))) {
      assertThat(byPath.sameAs(own)).isTrue();
    }
  }

  @Test
  void refusesAFileThatIsNoNamespaceAndClosesIt(@TempDir Path directory) throws IOException {
    Path leftover = Files.createFile(directory.resolve("netns"));

    assertThatThrownBy(() -> NetNamespace.open(leftover))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.EINVAL));
    Fd fd = Fd.open(leftover, Fd.READ_ONLY);
    assertThatThrownBy(() -> NetNamespace.ofFd(fd)).isInstanceOf(LinuxException.class);
    assertThat(fd.isOpen()).isFalse();
  }

  @Test
  void saysThatThereIsNothing(@TempDir Path directory) {
    assertThatThrownBy(() -> NetNamespace.open(directory.resolve("gone")))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.ENOENT));
  }

  @Test
  void sysctlsAreThoseOfTheNamespaceTheWorkRunsIn() throws LinuxException {
    Path sysctl = Path.of("/proc/sys/net/ipv4/conf/default/arp_notify");
    try (NetNamespace made = NetNamespace.create()) {
      String before = readString(sysctl);
      made.call(() -> {
        try {
          return Files.writeString(sysctl, "1");
        } catch (IOException e) {
          throw new LinuxException(Errno.EIO, "write " + sysctl, e.getMessage());
        }
      });
      assertThat(made.call(() -> readString(sysctl))).isEqualTo("1");
      assertThat(readString(sysctl)).isEqualTo(before);
    }
  }

  @Test
  void errorsOfTheWorkReachTheCaller() throws LinuxException {
    try (NetNamespace made = NetNamespace.create()) {
      assertThatThrownBy(() ->
              made.call(() -> {
                throw new LinuxException(Errno.EBUSY, "try");
              }))
          .hasMessage("try: EBUSY");
    }
  }

  private static String readString(Path path) throws LinuxException {
    try {
      return Files.readString(path).strip();
    } catch (IOException e) {
      throw new LinuxException(Errno.EIO, "read " + path, String.valueOf(e.getMessage()));
    }
  }
}
