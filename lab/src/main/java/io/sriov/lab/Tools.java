package io.sriov.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Where the lab's scripts and the programs built by them are. */
final class Tools {

  private Tools() {}

  /**
   * The repository's root: the system property {@code sriov.root}, else the nearest folder upwards
   * that has the lab.
   */
  static Path repository() {
    String given = System.getProperty("sriov.root");
    Path start = Path.of(given == null ? "" : given).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isExecutable(folder.resolve("lab/build-tools"))) {
        return folder;
      }
    }
    throw new IllegalStateException(
        "no lab/build-tools in " + start + " or above it: set -Dsriov.root to the repository");
  }

  /**
   * The folder of each named tool set ({@code etcd}, {@code kubernetes}, …), built now if it is not
   * in the cache, which takes minutes for Kubernetes and is reported on standard error.
   */
  static List<Path> folders(String... names) {
    List<String> command = new ArrayList<>();
    command.add(repository().resolve("lab/build-tools").toString());
    command.addAll(List.of(names));
    return run(command)
        .lines()
        .map(line -> Path.of(line.split(" ", 2)[1]))
        .collect(Collectors.toList());
  }

  /**
   * Runs a script of the lab to its end and returns its standard output; its progress is passed on
   * to standard error.
   */
  static String run(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      StringBuffer errors = new StringBuffer();
      Thread progress = Thread.ofVirtual().start(() -> passOn(process, errors));
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      progress.join();
      if (status != 0) {
        throw new IllegalStateException(
            "%s ended with status %d%n%s%s"
                .formatted(String.join(" ", command), status, output, errors));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command, e);
    }
  }

  private static void passOn(Process process, StringBuffer errors) {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.err.println(line);
        errors.append(line).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
