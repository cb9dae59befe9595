package io.sriov.linux.program;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs programs of the host below its root, with the host's search path and English words. */
public final class HostProgram {

  /** Folders of programs below a host's root, in the order in which they are searched. */
  public static final List<String> FOLDERS =
      List.of("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin");

  private HostProgram() {}

  /**
   * How a program ended.
   *
   * @param output both streams, without white space around
   */
  public record Ended(int status, String output) {

    /** Whether the status says so. */
    public boolean failed() {
      return status != 0;
    }
  }

  /** {@code command} with what is needed to run it in the host's root directory. */
  public static List<String> words(Path hostRoot, List<String> command) {
    var words = new ArrayList<String>();
    if (!hostRoot.equals(Path.of("/"))) {
      words.addAll(List.of("chroot", hostRoot.toString()));
    }
    words.addAll(command);
    return List.copyOf(words);
  }

  /**
   * Runs {@code command} to its end, however that is.
   *
   * @param hostRoot the host's root directory as this process sees it; {@code /} on the host
   * @param operation what is tried, for the error
   * @throws LinuxException ENOENT if it cannot be started, ETIMEDOUT when it did not end in time;
   *     then it is killed
   */
  public static Ended ended(Path hostRoot, String operation, Duration atMost, List<String> command)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(words(hostRoot, command)).redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .put("PATH", FOLDERS.stream().map(folder -> "/" + folder).collect(Collectors.joining(":")));
    builder.environment().put("LC_ALL", "C");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new LinuxException(Errno.ENOENT, operation, String.valueOf(e.getMessage()));
    }
    process.getOutputStream().close();
    CompletableFuture<String> output = reading(process.getInputStream());
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new LinuxException(
            Errno.ETIMEDOUT, operation, "not done after " + atMost.toSeconds() + " s");
      }
      return new Ended(process.exitValue(), output.join());
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Runs {@code command}, which has to succeed.
   *
   * @throws LinuxException as {@link #ended}, and with the program's words when it fails; ENOENT if
   *     there is no such program or what it was asked for
   */
  public static void run(Path hostRoot, String operation, Duration atMost, List<String> command)
      throws IOException {
    Ended ended;
    try {
      ended = ended(hostRoot, operation, atMost, command);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LinuxException(Errno.EINTR, operation);
    }
    if (ended.failed()) {
      throw new LinuxException(errnoOf(ended.output()), operation, ended.output());
    }
  }

  private static Errno errnoOf(String said) {
    if (said.contains("not found") || said.contains("No such file")) {
      return Errno.ENOENT;
    }
    if (said.contains("Operation not permitted")) {
      return Errno.EPERM;
    }
    return said.contains("No such device") ? Errno.ENODEV : Errno.EINVAL;
  }

  /** Beside the wait: a full pipe would hold the program up. */
  private static CompletableFuture<String> reading(InputStream from) {
    var text = new CompletableFuture<String>();
    Thread unused =
        Thread.ofPlatform()
            .daemon()
            .name("program-output")
            .start(() -> {
              try (from) {
                boolean first =
                    text.complete(new String(from.readAllBytes(), StandardCharsets.UTF_8).strip());
                assert first;
              } catch (IOException e) {
                boolean first = text.complete("(output lost: " + e.getMessage() + ")");
                assert first;
              }
            });
    return text;
  }
}
