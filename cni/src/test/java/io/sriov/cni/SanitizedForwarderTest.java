package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The forwarder built with the sanitizers for addresses and undefined behaviour, which end it at
 * the first thing they find. {@code -Dfuzz.seconds=600} for a long run, {@code -Dfuzz.seed=N} for
 * another one.
 */
class SanitizedForwarderTest {

  private static final Path SHIM =
      Path.of(System.getProperty("sriov.root", ".."), "cni/shim").toAbsolutePath();
  private static final Path BUILT = SHIM.resolveSibling("target/shim");

  @TempDir Path folder;

  private static Path built(String variant, String name) throws Exception {
    Path output = BUILT.resolve(name);
    assertThat(run(120, SHIM.resolve("build").toString(), variant, output.toString())).isEmpty();
    return output;
  }

  /** What a program prints; it must end with 0. */
  private static String run(long seconds, String... command) throws Exception {
    File printed = File.createTempFile("fuzz", ".log");
    try {
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed).start();
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      process.destroyForcibly();
      String said = Files.readString(printed.toPath(), StandardCharsets.ISO_8859_1);
      assertThat(ended).as("%s does not end: %s", List.of(command), said).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      return said;
    } finally {
      assertThat(printed.delete()).isTrue();
    }
  }

  private void ipam(String body) throws Exception {
    Path plugin = folder.resolve("ipam");
    Files.writeString(plugin, "#!/bin/sh\n" + body + "\n");
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void survivesAnyInput() throws Exception {
    ipam("cat");
    int seconds = Integer.getInteger("fuzz.seconds", 2);
    long seed = Long.getLong("fuzz.seed", 1L);

    String said =
        run(
            seconds + 60L,
            built("--fuzz", "fuzz").toString(),
            Long.toString(seed),
            Integer.toString(seconds),
            folder.toString());

    assertThat(said)
        .containsPattern("[1-9][0-9]* configurations and frames read, [1-9][0-9]* calls");
  }

  @Test
  void attachesAndReleases() throws Exception {
    ipam(
        "[ $CNI_COMMAND = ADD ] || exit 0; cat > /dev/null\n"
            + "echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"192.0.2.5/24\"}]}'");
    Path forwarder = built("--sanitized", "sanitized/sriov");
    try (VethNode node = new VethNode(folder, 1)) {
      String before = node.snapshot();
      List<String> said = new ArrayList<>();
      try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {});
          VethNode.PodNetns pod = node.pod()) {
        for (String command : List.of("STATUS", "ADD", "CHECK", "DEL", "GC", "VERSION")) {
          node.refreshSysfs();
          Forwarder.Answer answer =
              Forwarder.command(command)
                  .startedAs(forwarder)
                  .with("CNI_NETNS", pod.path())
                  .with("CNI_PATH", folder.toString())
                  .with("SRIOV_CNI_SOCKET", node.socket().toString())
                  .with("ASAN_OPTIONS", "detect_leaks=0")
                  .stdin(
                      "{\"cniVersion\":\"1.1.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\",\"ipam\":{\"type\":\"ipam\"}}"
                          .formatted(VethNode.address(0)))
                  .run();
          assertThat(answer.exit()).as("%s: %s", command, answer).isZero();
          said.add(answer.stderr());
        }
      }
      assertThat(said)
          .noneMatch(text -> text.contains("Sanitizer") || text.contains("runtime error"));
      node.refreshSysfs();
      assertThat(node.snapshot()).isEqualTo(before);
    }
  }

  @Test
  void isSmallWithoutThem() throws Exception {
    assertThat(Files.size(Forwarder.BINARY)).isLessThanOrEqualTo(40 * 1024);
  }
}
