package io.sriov.linux.module;

import io.sriov.linux.LinuxException;
import io.sriov.linux.program.HostProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Kernel modules of the host: in the file of loaded ones, or built into the kernel. */
public final class KernelModules {

  private static final Duration MODPROBE = Duration.ofMinutes(2);

  private final Path proc;
  private final Path hostRoot;

  /**
   * The modules of a host.
   *
   * @param proc where procfs is mounted, usually {@code /proc}
   * @param hostRoot the host's root directory as this process sees it; {@code /} on the host
   */
  public KernelModules(Path proc, Path hostRoot) {
    this.proc = proc;
    this.hostRoot = hostRoot;
  }

  /**
   * Whether the module is loaded or built in. The kernel writes {@code _} where file names may have
   * {@code -}; both mean the same module.
   */
  public boolean isPresent(String module) throws IOException {
    String name = module.replace('-', '_');
    return firstWords(proc.resolve("modules")).contains(name) || builtIn().contains(name);
  }

  /**
   * Loads a module and those it needs unless it is present, with the host's own {@code modprobe}
   * and configuration.
   *
   * @param options as {@code name=value}
   * @throws LinuxException with modprobe's words; ENOENT if the host has no such module
   */
  public void load(String module, String... options) throws IOException {
    if (knownToBePresent(module)) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("modprobe", "--", module));
    command.addAll(List.of(options));
    HostProgram.run(hostRoot, "modprobe " + module, MODPROBE, command);
  }

  /** modprobe knows too: it does nothing for a module that is there. */
  private boolean knownToBePresent(String module) {
    try {
      return isPresent(module);
    } catch (IOException e) {
      return false;
    }
  }

  private List<String> builtIn() throws IOException {
    Path release = proc.resolve("sys/kernel/osrelease");
    String version = Files.readString(release).strip();
    Path list = hostRoot.resolve("lib/modules").resolve(version).resolve("modules.builtin");
    return firstWords(list).stream()
        .map(path -> path.substring(path.lastIndexOf('/') + 1))
        .map(file -> file.replaceFirst("\\.ko(\\.[a-z0-9]+)?$", "").replace('-', '_'))
        .toList();
  }

  /** A kernel without modules has neither file. */
  private static List<String> firstWords(Path file) throws IOException {
    try {
      return Files.readAllLines(file).stream().map(line -> line.split("\\s", 2)[0]).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
