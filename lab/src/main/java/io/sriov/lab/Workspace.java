package io.sriov.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A temporary folder, removed on {@link #close} or, after a crash, by the next one that is created.
 */
record Workspace(Path folder) implements AutoCloseable {

  private static final String PREFIX = "sriov-lab-";

  /** Creates {@code sriov-lab-NAME-PID-…} in the folder for temporary files. */
  static Workspace create(String name) {
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    try {
      removeAbandoned(parent);
      Path folder =
          Files.createTempDirectory(
              parent, PREFIX + name + "-" + ProcessHandle.current().pid() + "-");
      return new Workspace(folder);
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
  }

  private static void removeAbandoned(Path parent) throws IOException {
    try (Stream<Path> entries = Files.list(parent)) {
      entries.filter(Workspace::isAbandoned).toList().forEach(Workspace::remove);
    }
  }

  private static boolean isAbandoned(Path entry) {
    String[] words = entry.getFileName().toString().split("-");
    return entry.getFileName().toString().startsWith(PREFIX)
        && words.length >= 5
        && words[3].matches("\\d{1,18}")
        && ProcessHandle.of(Long.parseLong(words[3])).isEmpty();
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
