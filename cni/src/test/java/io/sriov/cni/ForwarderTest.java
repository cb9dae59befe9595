package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.wire.Conversation;
import io.sriov.cni.wire.Frame;
import io.sriov.linux.unix.UnixConnection;
import io.sriov.linux.unix.UnixServer;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real binary, against no server, and against servers that misbehave. */
class ForwarderTest {

  private static final String CONFIG =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\"}";

  @TempDir Path folder;

  private Path socket() {
    return folder.resolve("cni.sock");
  }

  private Forwarder forwarder(String command) {
    return Forwarder.command(command)
        .with("CNI_NETNS", "/proc/self/ns/net")
        .with("SRIOV_CNI_SOCKET", socket().toString())
        .stdin(CONFIG);
  }

  @Test
  @Spec("04:1")
  void answersVersionWithoutTheDaemonAndWithoutStdin() throws Exception {
    Forwarder.Answer answer =
        Forwarder.command("VERSION")
            .without("CNI_PATH")
            .without("CNI_IFNAME")
            .without("CNI_CONTAINERID")
            .run();

    assertThat(answer.exit()).isZero();
    assertThat(answer.stdout())
        .isEqualTo(
            "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.1.0\",\"0.2.0\",\"0.3.0\","
                + "\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n");
  }

  @Test
  @Spec("04:2")
  void namesOnlyTheCommandIfThatIsMissing() throws Exception {
    Forwarder.Answer answer = forwarder("ADD").without("CNI_COMMAND").without("CNI_PATH").run();

    assertThat(answer.exit()).isOne();
    assertThat(answer.code()).isEqualTo(4);
    assertThat(answer.stdout()).contains("[CNI_COMMAND]");
  }

  @Test
  @Spec("04:3")
  void refusesAnUnknownCommand() throws Exception {
    assertThat(forwarder("FOO").run().code()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CNI_NETNS", "CNI_PATH", "CNI_IFNAME", "CNI_CONTAINERID"})
  @Spec("04:4")
  @Spec("04:5")
  void listsWhatAddNeedsAndDoesNotHave(String name) throws Exception {
    Forwarder.Answer answer = forwarder("ADD").without(name).run();

    assertThat(answer.code()).isEqualTo(4);
    assertThat(answer.stdout()).contains("[" + name + "]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sixteen-bytes-xx", ".", "..", "a/b", "a:b", "a b", "a\tb"})
  @Spec("04:6")
  @Spec("04:7")
  void refusesWhatIsNoInterfaceName(String name) throws Exception {
    Forwarder.Answer answer = forwarder("ADD").with("CNI_IFNAME", name).run();

    assertThat(answer.code()).isEqualTo(4);
    assertThat(answer.stdout()).contains("CNI_IFNAME").contains("details");
  }

  @Test
  @Spec("04:8")
  void refusesAContainerIdWithInvalidCharacters() throws Exception {
    Forwarder.Answer answer = forwarder("DEL").with("CNI_CONTAINERID", "-abc").run();

    assertThat(answer.code()).isEqualTo(4);
    assertThat(answer.stdout()).contains("\"details\": \"-abc\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'{\"cniVersion\":\"1.0.0\"'|6",
        "''|6",
        "'{\"name\":\"a\"} x'|6",
        "'{\"name\":\"a\"}{}'|6",
        "'[]'|6",
        "'\"name\"'|6",
        "'7'|6",
        "'{\"name\":7}'|6",
        "'{\"name\":\"a\",}'|6",
        "'{\"name\":\"a\",\"x\":01}'|6",
        "'{\"name\":\"a\",\"x\":tru}'|6",
        "'{name:\"a\"}'|6",
        "'null'|7",
        "'{}'|7",
        "'{\"name\":\"\"}'|7",
        "'{\"name\":null}'|7",
        "'{\"name\":\"a b\"}'|7",
        "'{\"name\":\"a\\u0000\"}'|7",
        "'{\"name\":\"-a\"}'|7",
        "'{\"name\":\"a\",\"NAME\":\"b c\"}'|7",
        "'{\"x\":{\"name\":\"a\"}}'|7",
      })
  @Spec("04:9")
  @Spec("04:10")
  @Spec("04:24")
  void tellsWhatIsWrongWithStdinWithoutTheDaemon(String stdin, int code) throws Exception {
    for (String command : List.of("ADD", "DEL", "CHECK", "GC", "STATUS", "FOO")) {
      assertThat(forwarder(command).stdin(stdin).run().code()).as(command).isEqualTo(code);
    }
  }

  @Test
  void refusesAConfigurationAboveOneMebibyte() throws Exception {
    String long1 = "{\"name\":\"a\",\"x\":\"" + "x".repeat(1024 * 1024) + "\"}";

    assertThat(forwarder("ADD").stdin(long1).run().code()).isEqualTo(7);
  }

  @Test
  void tellsThatStdinCannotBeRead() throws Exception {
    // A folder can be opened and not be read; a closed descriptor is no better.
    for (String redirection : List.of("< /", "<&-")) {
      ProcessBuilder builder =
          new ProcessBuilder("sh", "-c", "exec " + Forwarder.BINARY + " " + redirection);
      builder.environment().clear();
      builder.environment().put("CNI_COMMAND", "ADD");
      builder.environment().put("CNI_CONTAINERID", "c1");
      builder.environment().put("CNI_NETNS", "/proc/self/ns/net");
      builder.environment().put("CNI_IFNAME", "net1");
      builder.environment().put("CNI_PATH", "/");

      assertThat(Forwarder.await(builder.start()).code()).as(redirection).isEqualTo(5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADD", "DEL", "CHECK", "GC"})
  void waitsForTheDaemonAndThenAsksToTryAgainLater(String command) throws Exception {
    long began = System.nanoTime();
    Forwarder.Answer answer = forwarder(command).run();

    assertThat(answer.code()).isEqualTo(11);
    assertThat(answer.exit()).isOne();
    assertThat(answer.stdout()).contains("\"cniVersion\": \"1.0.0\"");
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Duration.ofMillis(390), Duration.ofSeconds(10));
  }

  @Test
  void saysAtOnceThatItIsNotAvailableWithoutTheDaemon() throws Exception {
    long began = System.nanoTime();
    Forwarder.Answer answer = forwarder("STATUS").with("SRIOV_CNI_WAIT_MS", "80000").run();

    assertThat(answer.code()).isEqualTo(50);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void isServedByADaemonThatComesLate() throws Exception {
    Process waiting = forwarder("ADD").with("SRIOV_CNI_WAIT_MS", "30000").start();
    try (UnixServer server = UnixServer.listen(socket());
        Conversation conversation = new Conversation(server.accept().orElseThrow())) {
      Frame.Call call = conversation.call();
      conversation.accept();
      conversation.done(0, bytes("late"), bytes("words"));

      assertThat(call.netns()).isEqualTo(Frame.Netns.OPEN);
      assertThat(call.variables()).containsEntry("CNI_COMMAND", "ADD");
      assertThat(new String(call.stdin(), StandardCharsets.UTF_8)).isEqualTo(CONFIG);
      assertThat(Forwarder.await(waiting)).isEqualTo(new Forwarder.Answer(0, "late", "words"));
    }
  }

  @Test
  void repeatsACallWithTheSameIdWhenItsConnectionIsLost() throws Exception {
    try (UnixServer server = UnixServer.listen(socket())) {
      Process process = forwarder("ADD").with("SRIOV_CNI_WAIT_MS", "30000").start();
      Set<String> ids = new HashSet<>();
      // Before a word, after the acceptance, and in the middle of a frame.
      for (int loss = 0; loss < 3; loss++) {
        try (UnixConnection connection = server.accept().orElseThrow()) {
          Conversation conversation = new Conversation(connection);
          ids.add(conversation.call().id());
          if (loss > 0) {
            conversation.accept();
          }
          if (loss > 1) {
            connection.write(new byte[] {0, 0, 1}, Duration.ofSeconds(1));
          }
        }
      }
      try (Conversation conversation = new Conversation(server.accept().orElseThrow())) {
        ids.add(conversation.call().id());
        conversation.accept();
        conversation.done(1, bytes("{}"), new byte[0]);
      }

      assertThat(Forwarder.await(process)).isEqualTo(new Forwarder.Answer(1, "{}", ""));
      assertThat(ids).hasSize(1);
    }
  }

  @Test
  void givesUpOnAServerThatAcceptsNothing() throws Exception {
    try (UnixServer server = UnixServer.listen(socket())) {
      assertThat(server.path()).exists();
      assertThat(forwarder("ADD").run().code()).isEqualTo(11);
    }
  }

  @Test
  void givesUpOnAServerThatTalksNonsense() throws Exception {
    try (UnixServer server = UnixServer.listen(socket())) {
      Process process = forwarder("DEL").start();
      Thread nonsense =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                byte[][] answers = {
                  {-1, -1, -1, -1, 7}, {0, 0, 0, 0}, {0, 0, 0, 1, 99}, {0, 0, 0, 5, 7, 0, 0, 0, 9}
                };
                try {
                  for (int i = 0; ; i++) {
                    var connection = server.accept();
                    if (connection.isEmpty()) {
                      return;
                    }
                    try (UnixConnection open = connection.get()) {
                      open.write(answers[i % answers.length], Duration.ofSeconds(1));
                      open.endOutput();
                      open.readToEnd(1 << 20, Duration.ofSeconds(5));
                    } catch (IOException e) {
                      // The forwarder left first.
                    }
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });

      assertThat(Forwarder.await(process).code()).isEqualTo(11);
      assertThat(nonsense.isAlive()).isTrue();
    }
  }

  @Test
  void tellsTheErrnoOfANamespaceThatCannotBeOpened() throws Exception {
    try (UnixServer server = UnixServer.listen(socket())) {
      Process process = forwarder("DEL").with("CNI_NETNS", "/nonexistent/ns").start();
      try (Conversation conversation = new Conversation(server.accept().orElseThrow())) {
        Frame.Call call = conversation.call();
        conversation.accept();
        conversation.done(0, new byte[0], new byte[0]);

        assertThat(call.netns()).isEqualTo(Frame.Netns.FAILED);
        assertThat(call.errno()).isEqualTo(2);
        assertThat(Forwarder.await(process).exit()).isZero();
      }
    }
  }

  @Test
  void runsAPluginAsTheRuntimeWould() throws Exception {
    Path plugin = folder.resolve("ipam");
    Files.writeString(
        plugin,
        """
        #!/bin/sh
        echo "$CNI_COMMAND $CNI_IFNAME $OTHER" >&2
        cat
        exit 3
        """);
    plugin.toFile().setExecutable(true);
    // Larger than a pipe: reading and writing must overlap.
    String big = "{\"name\":\"n1\",\"x\":\"" + "y".repeat(300_000) + "\"}";
    try (UnixServer server = UnixServer.listen(socket())) {
      Process process =
          forwarder("ADD")
              .with("CNI_PATH", "/nonexistent:" + folder)
              .with("OTHER", "kept")
              .stdin(big)
              .start();
      try (Conversation conversation = new Conversation(server.accept().orElseThrow())) {
        conversation.call();
        conversation.accept();
        Frame.Ran own = conversation.run("ipam", "DEL", Optional.empty());
        Frame.Ran other = conversation.run("ipam", "ADD", Optional.of(bytes("hello")));
        Frame.Ran missing = conversation.run("nothing", "ADD", Optional.empty());
        Frame.Ran escaping = conversation.run("../ipam", "ADD", Optional.empty());
        conversation.done(0, new byte[0], new byte[0]);

        assertThat(own.outcome()).isEqualTo(Frame.Outcome.RAN);
        assertThat(own.status()).isEqualTo(3);
        assertThat(new String(own.stdout(), StandardCharsets.UTF_8)).isEqualTo(big);
        assertThat(new String(own.stderr(), StandardCharsets.UTF_8)).isEqualTo("DEL net1 kept\n");
        assertThat(new String(other.stdout(), StandardCharsets.UTF_8)).isEqualTo("hello");
        assertThat(missing.outcome()).isEqualTo(Frame.Outcome.NOT_FOUND);
        assertThat(escaping.outcome()).isEqualTo(Frame.Outcome.NOT_FOUND);
        assertThat(Forwarder.await(process).exit()).isZero();
      }
    }
  }

  @Test
  void tellsThatAPluginCannotBeStarted() throws Exception {
    Files.writeString(folder.resolve("ipam"), "no program");
    try (UnixServer server = UnixServer.listen(socket())) {
      Process process = forwarder("ADD").with("CNI_PATH", folder.toString()).start();
      try (Conversation conversation = new Conversation(server.accept().orElseThrow())) {
        conversation.call();
        Frame.Ran ran = conversation.run("ipam", "ADD", Optional.empty());
        conversation.done(0, new byte[0], new byte[0]);

        assertThat(ran.outcome()).isEqualTo(Frame.Outcome.NOT_STARTED);
        assertThat(ran.errno()).isEqualTo(13);
        assertThat(Forwarder.await(process).exit()).isZero();
      }
    }
  }

  @Test
  void opensAPathForTheServer() throws Exception {
    try (UnixServer server = UnixServer.listen(socket())) {
      Process process = forwarder("GC").start();
      try (Conversation conversation = new Conversation(server.accept().orElseThrow())) {
        conversation.call();
        try (var descriptor = conversation.open("/proc/self/ns/net")) {
          assertThat(descriptor.number()).isPositive();
        }
        assertThat(
                org.assertj.core.api.Assertions.catchThrowable(
                    () -> conversation.open("/nonexistent")))
            .hasMessageContaining("ENOENT");
        conversation.done(0, new byte[0], new byte[0]);
        assertThat(Forwarder.await(process).exit()).isZero();
      }
    }
  }

  @Test
  void answersForAnUninstalledDaemonInsteadOfWaiting() throws Exception {
    Path marker = Files.createFile(folder.resolve("uninstalled"));
    Path plugin = folder.resolve("ipam");
    Files.writeString(plugin, "#!/bin/sh\necho $CNI_COMMAND >> " + folder.resolve("told") + "\n");
    plugin.toFile().setExecutable(true);
    List<Forwarder.Answer> answers = new ArrayList<>();
    for (String command : List.of("DEL", "GC", "ADD", "CHECK", "STATUS")) {
      answers.add(
          forwarder(command)
              .with("SRIOV_CNI_WAIT_MS", "80000")
              .with("SRIOV_CNI_UNINSTALLED_FILE", marker.toString())
              .with("CNI_PATH", folder.toString())
              .stdin("{\"name\":\"n1\",\"ipam\":{\"type\":\"ipam\"}}")
              .run());
    }

    assertThat(answers.get(0)).isEqualTo(new Forwarder.Answer(0, "", ""));
    assertThat(answers.get(1)).isEqualTo(new Forwarder.Answer(0, "", ""));
    assertThat(answers.get(2).code()).isEqualTo(11);
    assertThat(answers.get(2).stdout()).contains("uninstalled");
    assertThat(answers.get(3).code()).isEqualTo(11);
    assertThat(answers.get(4).code()).isEqualTo(50);
    assertThat(folder.resolve("told")).hasContent("DEL");
  }

  @Test
  void stopsWaitingWhenTheDaemonIsUninstalledMeanwhile() throws Exception {
    Path marker = folder.resolve("uninstalled");
    Process waiting =
        forwarder("DEL")
            .with("SRIOV_CNI_WAIT_MS", "80000")
            .with("SRIOV_CNI_UNINSTALLED_FILE", marker.toString())
            .start();
    Awaitility.await().until(waiting::isAlive);
    Files.createFile(marker);

    assertThat(Forwarder.await(waiting).exit()).isZero();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
