package io.sriov.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Where the lab's scripts and the programs built by them are. */
final class Tools {

  /** Building Kubernetes from its modules takes minutes; it is done once. */
  static final Duration BUILD = Duration.ofMinutes(30);

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
   * The folder of etcd and the Kubernetes programs, built now if they are not in the cache, which
   * takes minutes and is reported on standard error.
   */
  static Path programs() {
    String folder =
        run(BUILD, List.of(repository().resolve("lab/build-tools").toString(), "kubernetes"));
    return Path.of(folder.strip().split(" ", 2)[1]);
  }

  /**
   * Runs a script of the lab to its end and returns its standard output; its progress is passed on
   * to standard error. One that takes longer than {@code limit} is ended with all it has started.
   *
   * @throws IllegalStateException when it ends with a status other than 0 or takes longer than
   *     {@code limit}; the message has what it printed
   */
  static String run(Duration limit, List<String> command) {
    Process process = start(command);
    StringBuffer output = new StringBuffer();
    StringBuffer errors = new StringBuffer();
    Thread out = Thread.ofVirtual().start(() -> read(process.inputReader(UTF_8), output::append));
    Thread err = Thread.ofVirtual().start(() -> read(process.errorReader(UTF_8), tee(errors)));
    try {
      if (!process.waitFor(limit)) {
        throw failure(
            command, "took longer than %d s".formatted(limit.toSeconds()), output, errors);
      }
      // Whatever it leaves behind may keep the pipes open; it is not waited for.
      out.join(Duration.ofSeconds(10));
      err.join(Duration.ofSeconds(10));
      if (process.exitValue() != 0) {
        throw failure(command, "ended with status " + process.exitValue(), output, errors);
      }
      return output.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command, e);
    } finally {
      if (process.isAlive()) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }

  private static Process start(List<String> command) {
    try {
      return new ProcessBuilder(command)
          .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static IllegalStateException failure(
      List<String> command, String what, StringBuffer output, StringBuffer errors) {
    return new IllegalStateException(
        "%s %s%n%s%s".formatted(String.join(" ", command), what, output, errors));
  }

  private static Consumer<String> tee(StringBuffer errors) {
    return text -> {
      System.err.print(text);
      errors.append(text);
    };
  }

  private static void read(BufferedReader from, Consumer<String> into) {
    char[] part = new char[8192];
    try (from) {
      for (int length = from.read(part); length >= 0; length = from.read(part)) {
        into.accept(new String(part, 0, length));
      }
    } catch (IOException ended) {
      // The process was ended because of its limit: there is nothing more to read.
    }
  }
}
