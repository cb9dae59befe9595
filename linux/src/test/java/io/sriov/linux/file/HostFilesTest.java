package io.sriov.linux.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFilesTest {

  @TempDir Path directory;

  @Test
  void replacesAFileAndLeavesNothingElseBehind() throws IOException {
    Path file = directory.resolve("pci/0000:3b:00.0");

    HostFiles.writeAtomically(file, "old".getBytes(UTF_8), 0644);
    HostFiles.writeAtomically(file, "new".getBytes(UTF_8), 0600);

    assertThat(HostFiles.read(file))
        .hasValueSatisfying(b -> assertThat(b).asString().isEqualTo("new"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void keepsTheOldFileWhenTheNewOneCannotTakeItsPlace() throws IOException {
    Path occupied = Files.createDirectories(directory.resolve("file/inside")).getParent();

    assertThatThrownBy(() -> HostFiles.writeAtomically(occupied, new byte[3], 0600))
        .isInstanceOf(IOException.class);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(occupied);
    }
  }

  /** On a file system of one page; needs root. */
  @Test
  void keepsTheOldFileWhenTheDiskIsFull() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", directory.toString());
    try {
      Path file = directory.resolve("record");
      HostFiles.writeAtomically(file, "old".getBytes(UTF_8), 0644);
      assertThatThrownBy(() -> HostFiles.writeAtomically(file, "new".getBytes(UTF_8), 0644))
          .isInstanceOfSatisfying(
              LinuxException.class,
              e -> {
                assertThat(e.is(Errno.ENOSPC)).isTrue();
                assertThat(e).hasMessageStartingWith("write " + file + ": ENOSPC");
              });
      assertThat(file).hasContent("old");
      try (var files = Files.list(directory)) {
        assertThat(files).containsExactly(file);
      }
    } finally {
      run("umount", directory.toString());
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void aMissingFileIsEmptyAndAnUnreadableOneAnError() throws IOException {
    assertThat(HostFiles.read(directory.resolve("none/file"))).isEmpty();
    assertThatThrownBy(() -> HostFiles.read(directory)).isInstanceOf(IOException.class);
    assertThat(HostFiles.delete(directory.resolve("none"))).isFalse();
  }

  @Test
  void aLockWaitsForItsHolderAndNoLonger() throws IOException {
    Path file = directory.resolve("lock");
    FileLock held = FileLock.acquire(file, 0600, Duration.ZERO);

    assertThatThrownBy(() -> FileLock.acquire(file, 0600, Duration.ofMillis(20)))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.ETIMEDOUT));
    held.close();

    FileLock.acquire(file, 0600, Duration.ofSeconds(10)).close();
  }

  @Test
  @Spec("04:114")
  void excludesOtherProgramsThatUseFlock() throws Exception {
    Path file = directory.resolve("lock");
    Process holder =
        new ProcessBuilder("flock", file.toString(), "sh", "-c", "echo held; read end").start();
    assertThat(holder.inputReader().readLine()).isEqualTo("held");

    assertThatThrownBy(() -> FileLock.acquire(file, 0600, Duration.ofMillis(20)))
        .hasMessageContaining("ETIMEDOUT");
    holder.outputWriter().append('\n').close();
    try (FileLock _ = FileLock.acquire(file, 0600, Duration.ofSeconds(10))) {
      Process other = new ProcessBuilder("flock", "-n", file.toString(), "true").start();
      assertThat(other.waitFor()).isNotZero();
    }
    assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }
}
