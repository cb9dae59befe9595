package io.sriov.node.boot;

import io.sriov.linux.file.HostFiles;
import io.sriov.linux.program.HostProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * GRUB as Debian and Ubuntu configure it: a file of ours beside the administrator's, and {@code
 * update-grub}, which writes {@code grub.cfg}.
 */
final class Grub implements KernelArguments.Tool {

  /** Late in the order of names, so that it adds to what others set. */
  static final String DROP_IN = "/etc/default/grub.d/99-sriov-network-operator.cfg";

  private static final String CONFIG = "/boot/grub/grub.cfg";

  /** Runs a script for every kernel and operating system it finds. */
  private static final Duration UPDATE = Duration.ofMinutes(5);

  private static final Pattern OURS =
      Pattern.compile("^GRUB_CMDLINE_LINUX=\"\\$GRUB_CMDLINE_LINUX (.*)\"$", Pattern.MULTILINE);

  /** The first entry is the host's own newest kernel; other systems on the disk come later. */
  private static final Pattern LINUX =
      Pattern.compile("^\\s*linux(?:efi)?\\s+\\S+[ \\t]*(.*)$", Pattern.MULTILINE);

  private final BootPaths paths;
  private final HostCommands commands;

  Grub(BootPaths paths, HostCommands commands) {
    this.paths = paths;
    this.commands = commands;
  }

  static boolean isConfigurable(BootPaths paths, HostCommands commands) {
    return commands.has("update-grub") && java.nio.file.Files.exists(paths.host(CONFIG));
  }

  /** What the next kernel gets; empty when {@code grub.cfg} does not tell. */
  static Optional<List<String>> next(BootPaths paths) throws IOException {
    Optional<byte[]> bytes = HostFiles.read(paths.host(CONFIG));
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Matcher line = LINUX.matcher(new String(bytes.get(), StandardCharsets.UTF_8));
    return line.find()
        ? Optional.of(List.of(line.group(1).strip().split("\\s+")))
        : Optional.empty();
  }

  @Override
  public Set<String> listed() throws IOException {
    return new LinkedHashSet<>(next(paths).orElse(List.of()));
  }

  @Override
  public void change(List<String> add, List<String> remove)
      throws IOException, InterruptedException {
    Path file = paths.host(DROP_IN);
    Optional<byte[]> before = HostFiles.read(file);
    Set<String> ours = ours(before);
    ours.addAll(add);
    remove.forEach(ours::remove);
    write(file, ours);
    try {
      HostProgram.Ended ended = commands.run(UPDATE, "update-grub");
      if (ended.failed()) {
        throw new IOException(
            "update-grub ended with status " + ended.status() + ": " + lastLine(ended.output()));
      }
    } catch (IOException e) {
      // The next update-grub, by whomever, must not carry out what was reported as failed.
      restore(file, before);
      throw e;
    }
  }

  private static Set<String> ours(Optional<byte[]> content) {
    Matcher line =
        OURS.matcher(content.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse(""));
    return line.find()
        ? new LinkedHashSet<>(List.of(line.group(1).split(" ")))
        : new LinkedHashSet<>();
  }

  private static void write(Path file, Set<String> arguments) throws IOException {
    if (arguments.isEmpty()) {
      boolean unused = HostFiles.delete(file);
      return;
    }
    String text =
        """
        # Written by the SR-IOV network operator, which takes away what it added.
        GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX %s"
        """
            .formatted(String.join(" ", arguments));
    HostFiles.writeAtomically(file, text.getBytes(StandardCharsets.UTF_8), 0644);
  }

  private static void restore(Path file, Optional<byte[]> before) throws IOException {
    if (before.isPresent()) {
      HostFiles.writeAtomically(file, before.get(), 0644);
    } else {
      boolean unused = HostFiles.delete(file);
    }
  }

  private static String lastLine(String output) {
    var lines = new ArrayList<>(List.of(output.split("\n")));
    return lines.getLast();
  }
}
