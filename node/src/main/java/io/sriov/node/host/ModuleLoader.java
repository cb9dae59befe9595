package io.sriov.node.host;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Loads kernel modules with the host's own modprobe, which knows its files and options. */
final class ModuleLoader {

  private static final long LIMIT_SECONDS = 30;

  private final Path root;

  ModuleLoader(Path root) {
    this.root = root;
  }

  void load(String module) throws IOException {
    var command = new ArrayList<String>();
    if (!root.equals(Path.of("/"))) {
      command.addAll(List.of("chroot", root.toString()));
    }
    command.addAll(List.of("modprobe", module));
    String text = String.join(" ", command);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LinuxException(Errno.ETIMEDOUT, text);
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        throw new LinuxException(Errno.ENOENT, text, output);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(text + " was interrupted", e);
    }
  }
}
