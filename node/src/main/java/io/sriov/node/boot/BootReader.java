package io.sriov.node.boot;

import io.sriov.linux.file.HostFiles;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Boot.Cpu;
import io.sriov.plan.node.BootLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads how the node was booted and will be, without starting a process. */
public final class BootReader {

  private final BootPaths paths;
  private final HostCommands commands;
  private @Nullable Fixed fixed;

  /** What only a reboot changes. */
  private record Fixed(String id, List<String> arguments, Cpu cpu) {}

  public BootReader(BootPaths paths, HostCommands commands) {
    this.paths = paths;
    this.commands = commands;
  }

  /**
   * @throws IOException if the kernel's command line is not to be seen: what it holds decides on
   *     reboots
   */
  public synchronized Boot read() throws IOException {
    if (fixed == null) {
      fixed = readFixed();
    }
    BootLoader loader = KernelArguments.loader(paths, commands).orElse(null);
    return new Boot(
        fixed.id(),
        fixed.arguments(),
        fixed.cpu(),
        hasEntries(paths.sys().resolve("kernel/iommu_groups")),
        loader,
        new StoredArguments(paths).read(),
        loader == BootLoader.GRUB ? Grub.next(paths).orElse(null) : null,
        HostFiles.read(paths.host(Boot.RDMA_OPTIONS_FILE))
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .orElse(null));
  }

  /** Of the running kernel; empty as long as it could not be read. */
  public synchronized String bootId() {
    return fixed == null ? "" : fixed.id();
  }

  private Fixed readFixed() throws IOException {
    String arguments = Files.readString(paths.proc().resolve("cmdline")).strip();
    return new Fixed(
        Files.readString(paths.proc().resolve("sys/kernel/random/boot_id")).strip(),
        List.of(arguments.split("\\s+")),
        cpu(paths.proc().resolve("cpuinfo")));
  }

  /** Of the first processor (spec 03 §4.3). */
  private static Cpu cpu(Path cpuinfo) {
    List<String> lines;
    try {
      lines = Files.readAllLines(cpuinfo);
    } catch (IOException e) {
      return Cpu.OTHER;
    }
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        continue;
      }
      String value = line.substring(colon + 1).strip();
      switch (line.substring(0, colon).strip()) {
        case "vendor_id" -> {
          return switch (value) {
            case "GenuineIntel" -> Cpu.INTEL;
            case "AuthenticAMD" -> Cpu.AMD;
            case "IBM/S390" -> Cpu.S390;
            default -> Cpu.OTHER;
          };
        }
        case "CPU implementer" -> {
          return value.equals("0x41") ? Cpu.ARM : Cpu.OTHER;
        }
        default -> {}
      }
    }
    return Cpu.OTHER;
  }

  private static boolean hasEntries(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      return entries.iterator().hasNext();
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
