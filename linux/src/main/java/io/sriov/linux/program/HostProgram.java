package io.sriov.linux.program;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs of the host in the host's root directory. */
public final class HostProgram {

  private HostProgram() {}

  /**
   * Runs {@code command}, which says a line or two: a full pipe would hold it up.
   *
   * @param hostRoot the host's root directory as this process sees it; {@code /} on the host
   * @param operation what is tried, for the error
   * @throws LinuxException with the program's words; ENOENT if there is no such program or what it
   *     was asked for, ETIMEDOUT when it did not end in time
   */
  public static void run(Path hostRoot, String operation, Duration atMost, List<String> command)
      throws IOException {
    List<String> words = new ArrayList<>();
    if (!hostRoot.equals(Path.of("/"))) {
      words.addAll(List.of("chroot", hostRoot.toString()));
    }
    words.addAll(command);
    Process process;
    try {
      process = new ProcessBuilder(words).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new LinuxException(Errno.ENOENT, operation, String.valueOf(e.getMessage()));
    }
    process.getOutputStream().close();
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new LinuxException(
            Errno.ETIMEDOUT, operation, "not done after " + atMost.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new LinuxException(Errno.EINTR, operation);
    }
    if (process.exitValue() != 0) {
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      throw new LinuxException(errnoOf(said), operation, said);
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
}
