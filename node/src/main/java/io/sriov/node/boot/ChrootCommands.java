package io.sriov.node.boot;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Programs of the host, started below its root with its own search path. */
public final class ChrootCommands implements HostCommands {

  private static final List<String> FOLDERS =
      List.of("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin");

  private final Path hostRoot;

  /**
   * @param hostRoot as this process sees it; {@code /} on the host itself
   */
  public ChrootCommands(Path hostRoot) {
    this.hostRoot = hostRoot;
  }

  @Override
  public boolean has(String program) {
    // A link's target is the host's business: its path need not be one here.
    return FOLDERS.stream()
        .anyMatch(folder ->
            Files.exists(hostRoot.resolve(folder).resolve(program), LinkOption.NOFOLLOW_LINKS));
  }

  @Override
  public Ended run(Duration atMost, String... command) throws IOException, InterruptedException {
    var words = new ArrayList<String>();
    if (!hostRoot.equals(Path.of("/"))) {
      words.addAll(List.of("chroot", hostRoot.toString()));
    }
    words.addAll(List.of(command));
    var builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/" + String.join(":/", FOLDERS));
    builder.environment().put("LC_ALL", "C");
    String operation = "run " + String.join(" ", command);
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

  /** Beside the wait: a full pipe would hold the program up. */
  private static CompletableFuture<String> reading(InputStream from) {
    var text = new CompletableFuture<String>();
    Thread unused =
        Thread.ofPlatform()
            .daemon()
            .name("command-output")
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
