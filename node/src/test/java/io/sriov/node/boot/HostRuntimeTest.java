package io.sriov.node.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.plan.node.BootLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostRuntimeTest {

  private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

  @TempDir Path folder;
  private Path image;
  private SimulatedMachine machine;

  @BeforeEach
  void makeImage() throws IOException {
    machine = new SimulatedMachine(folder, BootLoader.GRUB);
    image = folder.resolve("opt/sriov");
    Path java =
        SimulatedMachine.write(
            image.resolve("runtime/bin/java"), "#!/bin/sh\nfor word; do echo \"$word\"; done\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.setLastModifiedTime(SimulatedMachine.write(image.resolve("lib/a.jar"), "jar"), LONG_AGO);
    Files.createSymbolicLink(image.resolve("lib/b.jar"), Path.of("a.jar"));
    SimulatedMachine.write(image.resolve("aot/daemon.aot"), "cache");
    SimulatedMachine.write(image.resolve("aot/other.aot"), "not for us");
    SimulatedMachine.write(
        image.resolve("daemon.options"), "-Xmx64m\n-cp\n" + image + "/lib/a.jar\nMain\n");
  }

  @Test
  void theHostGetsWhatAServiceNeedsUnderTheNameInTheUnits() throws Exception {
    HostRuntime runtime = runtime();
    runtime.install();

    assertThat(runtime.installed()).contains(runtime.identity());
    Path copy = copies().getFirst();
    assertThat(Files.getLastModifiedTime(copy.resolve("lib/a.jar")))
        .as("by which the JVM knows the jars of its AOT cache")
        .isEqualTo(LONG_AGO);
    assertThat(copy.resolve("lib/b.jar")).isSymbolicLink();
    assertThat(copy.resolve("aot/daemon.aot")).hasContent("cache");
    assertThat(copy.resolve("aot/other.aot")).doesNotExist();
    assertThat(copy.resolve("daemon.options"))
        .content()
        .contains("/var/lib/sriov/" + runtime.identity() + "/lib/a.jar")
        .doesNotContain(image.toString());
  }

  /** With the folder of the test in the place of the host's root. */
  @Test
  void theLauncherStartsTheCopyWithTheServicesArguments() throws Exception {
    HostRuntime runtime = runtime();
    runtime.install();
    Path launcher = machine.paths.host("/var/lib/sriov/sriov-network-config-daemon");
    assertThat(Files.isExecutable(launcher)).isTrue();
    Path moved =
        SimulatedMachine.write(
            folder.resolve("launcher"),
            Files.readString(launcher)
                .replace("home=/var", "home=" + machine.paths.root() + "/var"));

    Process process =
        new ProcessBuilder("sh", moved.toString(), "service", "--phase", "pre")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    String home = machine.paths.root() + "/var/lib/sriov/" + runtime.identity();
    assertThat(said.lines())
        .containsExactly(
            "-XX:AOTMode=auto",
            "-XX:AOTCache=" + home + "/aot/daemon.aot",
            "@" + home + "/daemon.options",
            "service",
            "--phase",
            "pre");
  }

  @Test
  void anUnchangedImageIsTheSameAndAnotherOneReplacesIt() throws Exception {
    runtime().install();
    String first = runtime().identity();
    assertThat(runtime().installed()).contains(first);

    SimulatedMachine.write(image.resolve("lib/a.jar"), "another jar");
    assertThat(runtime().identity()).isNotEqualTo(first);
    runtime().install();

    assertThat(copies()).hasSize(1);
    assertThat(copies().getFirst().resolve("lib/a.jar")).hasContent("another jar");
    assertThat(runtime().installed()).contains(runtime().identity());
  }

  @Test
  void whatAKilledDaemonLeftIsMadeAnew() throws Exception {
    HostRuntime runtime = runtime();
    Path unfinished =
        machine.paths.host("/var/lib/sriov").resolve("." + runtime.identity() + ".new");
    SimulatedMachine.write(unfinished.resolve("lib/a.jar"), "half");
    assertThat(runtime.installed()).isEmpty();

    runtime.install();

    assertThat(copies()).hasSize(1);
    assertThat(copies().getFirst().resolve("lib/a.jar")).hasContent("jar");
  }

  @Test
  void theProgramOfTheGoDaemonIsReplacedAndStrangersFilesStay() throws Exception {
    SimulatedMachine.write(
        machine.paths.host("/var/lib/sriov/sriov-network-config-daemon"), "\177ELF");
    SimulatedMachine.write(machine.paths.host("/var/lib/sriov/notes"), "mine");
    assertThat(runtime().installed()).isEmpty();

    runtime().install();
    runtime().remove();

    try (Stream<Path> left = Files.list(machine.paths.host("/var/lib/sriov"))) {
      assertThat(left).containsExactly(machine.paths.host("/var/lib/sriov/notes"));
    }
  }

  @Test
  void anImageWithoutRuntimeSaysSo() {
    assertThatThrownBy(
            () -> new HostRuntime(folder.resolve("nowhere"), machine.paths, machine).install())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nowhere");
  }

  private HostRuntime runtime() {
    return new HostRuntime(image, machine.paths, machine);
  }

  private List<Path> copies() throws IOException {
    try (Stream<Path> entries = Files.list(machine.paths.host("/var/lib/sriov"))) {
      return entries.filter(Files::isDirectory).toList();
    }
  }
}
