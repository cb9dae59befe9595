package io.sriov.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A temporary folder, removed on {@link #close} or, after a crash, by the next one that is created.
 * Its owner holds a file lock in it: a process number would not do, because the folder for
 * temporary files may be shared with other PID namespaces.
 */
record Workspace(Path folder, FileChannel held) implements AutoCloseable {

  private static final String PREFIX = "sriov-lab-";
  private static final String LOCK = ".lock";

  /** A folder without lock is one that is just being made, unless it is older than this. */
  private static final Duration BEING_MADE = Duration.ofHours(1);

  /** Creates {@code sriov-lab-NAME-PID-…} in the folder for temporary files. */
  static Workspace create(String name) {
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    try {
      removeAbandoned(parent);
      Path folder =
          Files.createTempDirectory(
              parent, PREFIX + name + "-" + ProcessHandle.current().pid() + "-");
      FileChannel held =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = held.lock();
      assert lock.isValid();
      return new Workspace(folder, held);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  Path write(String name, String content) {
    try {
      return Files.writeString(path(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    remove(folder);
    try {
      held.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeAbandoned(Path parent) throws IOException {
    try (Stream<Path> entries = Files.list(parent)) {
      entries.filter(Workspace::isAbandoned).toList().forEach(Workspace::remove);
    }
  }

  private static boolean isAbandoned(Path entry) {
    String name = entry.getFileName().toString();
    // Never one of this JVM's own: opening and closing its lock file here would release the lock.
    if (!name.startsWith(PREFIX) || name.contains("-" + ProcessHandle.current().pid() + "-")) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(entry.resolve(LOCK), StandardOpenOption.WRITE)) {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (IOException e) {
      return isOlderThan(entry, BEING_MADE);
    }
  }

  private static boolean isOlderThan(Path entry, Duration age) {
    try {
      return Files.getLastModifiedTime(entry).toInstant().isBefore(Instant.now().minus(age));
    } catch (IOException e) {
      return false;
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
