package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.LinuxException;
import io.sriov.linux.unix.UnixConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A server in a process of its own, over the folder and the host namespace of a node. */
final class ServerProcess implements AutoCloseable {

  private final Process process;
  private final List<Process> tracers = new ArrayList<>();

  private ServerProcess(Process process) {
    this.process = process;
  }

  /** Starts one and waits until it serves. */
  static ServerProcess start(VethNode node) throws IOException {
    String host = "/proc/" + ProcessHandle.current().pid() + "/fd/" + node.host.fd().number();
    Process process =
        // As in a pod with the host's network: the server's own namespace is the host's.
        new ProcessBuilder(
                "nsenter",
                "--net=" + host,
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CniServerMain.class.getName(),
                node.folder.toString(),
                host)
            .redirectErrorStream(true)
            .redirectOutput(node.folder.resolve("server.log").toFile())
            .start();
    Awaitility.await().until(() -> isServed(node.socket()));
    return new ServerProcess(process);
  }

  private static boolean isServed(Path socket) {
    try (UnixConnection connection = UnixConnection.connect(socket)) {
      return connection.peer().pid() != 0;
    } catch (LinuxException e) {
      return false;
    }
  }

  /** Attaches strace to all its threads, present and future. */
  void trace(String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of("strace", "-f"));
    command.addAll(List.of(options));
    command.addAll(List.of("-p", Long.toString(process.pid())));
    Process tracer = new ProcessBuilder(command).redirectErrorStream(true).start();
    tracers.add(tracer);
    assertThat(tracer.inputReader().readLine()).contains("attached");
  }

  /** Waits until somebody else killed it (signal 9). */
  void awaitKilled() throws InterruptedException {
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("somebody kills the server").isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 9);
  }

  /** Kills it, if it lives; what traced it has written all when this returns. */
  @Override
  public void close() throws InterruptedException {
    assertThat(process.destroyForcibly().waitFor(10, TimeUnit.SECONDS)).isTrue();
    for (Process tracer : tracers) {
      if (!tracer.waitFor(10, TimeUnit.SECONDS)) {
        assertThat(tracer.destroyForcibly().waitFor(10, TimeUnit.SECONDS)).isTrue();
      }
    }
  }
}
