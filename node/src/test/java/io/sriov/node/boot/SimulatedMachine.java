package io.sriov.node.boot;

import io.sriov.linux.program.HostProgram;
import io.sriov.plan.node.BootLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A host with a boot loader in a folder: its tools change what the next boot gets, a reboot changes
 * what the kernel has got.
 */
final class SimulatedMachine implements HostCommands {

  private static final Pattern GRUB_LINE =
      Pattern.compile("^GRUB_CMDLINE_LINUX=\"(.*)\"$", Pattern.MULTILINE);

  final BootPaths paths;
  private final BootLoader loader;
  private final List<String> commands = new ArrayList<>();

  /** Arguments that grubby or rpm-ostree know of. */
  final Set<String> configured = new LinkedHashSet<>(List.of("root=/dev/vda", "quiet"));

  private int boots;

  /** What a tool says and exits with before it does anything, if that is not 0. */
  int failing;

  /** Whether tools change nothing although they say so. */
  boolean withoutEffect;

  /** Told of every command before it runs. */
  Consumer<String> before = _ -> {};

  SimulatedMachine(Path folder, BootLoader loader) throws IOException {
    this.paths =
        new BootPaths(folder.resolve("host"), folder.resolve("proc"), folder.resolve("sys"));
    this.loader = loader;
    write(paths.proc().resolve("cpuinfo"), "processor\t: 0\nvendor_id\t: GenuineIntel\n");
    Files.createDirectories(paths.sys().resolve("kernel/iommu_groups"));
    switch (loader) {
      case GRUB -> {
        write(paths.host("/etc/default/grub"), "GRUB_CMDLINE_LINUX=\"quiet\"\n");
        updateGrub();
      }
      case GRUBBY -> {}
      case RPM_OSTREE -> write(paths.host("/run/ostree-booted"), "");
    }
    reboot();
  }

  static Path write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  List<String> commands() {
    return List.copyOf(commands);
  }

  void reboot() throws IOException {
    boots++;
    String arguments =
        loader == BootLoader.GRUB
            ? String.join(" ", Grub.next(paths).orElseThrow())
            : String.join(" ", configured);
    write(paths.proc().resolve("cmdline"), arguments + "\n");
    write(paths.proc().resolve("sys/kernel/random/boot_id"), "boot-" + boots + "\n");
    if (arguments.contains("intel_iommu=on")) {
      Files.createDirectories(paths.sys().resolve("kernel/iommu_groups/0"));
    }
  }

  String bootId() {
    return "boot-" + boots;
  }

  @Override
  public boolean has(String program) {
    return program.equals(loader.tool()) || program.equals("udevadm");
  }

  @Override
  public HostProgram.Ended run(Duration atMost, String... command) throws IOException {
    String line = String.join(" ", command);
    before.accept(line);
    commands.add(line);
    if (failing != 0) {
      return new HostProgram.Ended(failing, "the tool's own words");
    }
    return new HostProgram.Ended(
        0,
        switch (command[0]) {
          case "update-grub" -> updateGrub();
          case "grubby" -> grubby(command);
          case "rpm-ostree" -> rpmOstree(command);
          case "udevadm" -> "";
          default -> throw new IOException("no " + command[0] + " on this host");
        });
  }

  /** As grub-mkconfig does: the drop-ins in the order of their names after the main file. */
  private String updateGrub() throws IOException {
    String arguments = "";
    var files = new ArrayList<>(List.of(paths.host("/etc/default/grub")));
    Path dropIns = paths.host("/etc/default/grub.d");
    if (Files.isDirectory(dropIns) && !withoutEffect) {
      try (Stream<Path> found = Files.list(dropIns)) {
        found.filter(file -> file.toString().endsWith(".cfg")).sorted().forEach(files::add);
      }
    }
    for (Path file : files) {
      Matcher line = GRUB_LINE.matcher(Files.readString(file));
      while (line.find()) {
        arguments = line.group(1).replace("$GRUB_CMDLINE_LINUX", arguments);
      }
    }
    write(
        paths.host("/boot/grub/grub.cfg"),
        """
        ### BEGIN /etc/grub.d/10_linux ###
        menuentry 'Debian GNU/Linux' {
        \tlinux\t/boot/vmlinuz-6.12 root=/dev/vda ro %s
        \tinitrd\t/boot/initrd.img-6.12
        }
        menuentry 'another system' {
        \tlinux\t/vmlinuz root=/dev/vdb
        }
        """
            .formatted(arguments));
    return "Generating grub configuration file ...\ndone";
  }

  private String grubby(String[] command) {
    if (command[1].equals("--info=DEFAULT")) {
      return "index=0\nkernel=\"/boot/vmlinuz\"\nargs=\"" + String.join(" ", configured) + "\"";
    }
    if (!withoutEffect) {
      change(command[2]);
    }
    return "";
  }

  private String rpmOstree(String[] command) {
    if (command.length == 2) {
      return String.join(" ", configured);
    }
    for (int i = 2; i < command.length && !withoutEffect; i++) {
      change(command[i]);
    }
    return "Kernel arguments updated.";
  }

  private void change(String option) {
    String argument = option.substring(option.indexOf('=') + 1);
    switch (option.substring(0, option.indexOf('='))) {
      case "--args", "--append" -> configured.add(argument);
      case "--remove-args", "--delete" -> configured.remove(argument);
      default -> throw new AssertionError(option);
    }
  }
}
