package io.sriov.cni;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The real forwarder, started as a runtime starts it. */
public final class Forwarder {

  static final Path BINARY =
      Path.of(System.getProperty("sriov.root", ".."), "cni/target/shim/sriov");

  private final Map<String, String> environment = new LinkedHashMap<>();
  private byte[] stdin = new byte[0];
  private List<String> command = List.of(BINARY.toString());

  /** What it printed, and its exit code. */
  public record Answer(int exit, String stdout, String stderr) {

    /** The CNI error code of what was printed. */
    public long code() {
      try {
        return Fields.of(JsonReader.read(stdout.getBytes(StandardCharsets.UTF_8)))
            .optionalInteger("code")
            .orElse(-1L);
      } catch (JsonException e) {
        throw new AssertionError("no error document: " + stdout, e);
      }
    }
  }

  private Forwarder() {}

  static Forwarder command(String command) {
    return new Forwarder()
        .with("CNI_COMMAND", command)
        .with("CNI_CONTAINERID", "c1")
        .with("CNI_IFNAME", "net1")
        .with("CNI_PATH", "/nonexistent")
        .with("SRIOV_CNI_WAIT_MS", "400")
        .with("SRIOV_CNI_SOCKET", "/nonexistent/cni.sock")
        .with("SRIOV_CNI_UNINSTALLED_FILE", "/nonexistent/uninstalled");
  }

  Forwarder with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Forwarder without(String name) {
    environment.remove(name);
    return this;
  }

  /** Starts it by another path, as a runtime does with the plugin it found. */
  Forwarder startedAs(Path path) {
    command = List.of(path.toString());
    return this;
  }

  /** Starts a copy of it as user and group 65534. */
  Forwarder asNobody(Path copy) {
    command =
        List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy.toString());
    return this;
  }

  Forwarder stdin(String text) {
    return stdin(text.getBytes(StandardCharsets.UTF_8));
  }

  Forwarder stdin(byte[] bytes) {
    stdin = bytes;
    return this;
  }

  Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (OutputStream out = process.getOutputStream()) {
      out.write(stdin);
    } catch (IOException e) {
      // It may answer without reading everything.
    }
    return process;
  }

  static Answer await(Process process) throws Exception {
    CompletableFuture<String> stderr =
        CompletableFuture.supplyAsync(() -> {
          try {
            return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(Duration.ofSeconds(60).toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the forwarder did not end");
    }
    return new Answer(process.exitValue(), stdout, stderr.join());
  }

  Answer run() throws Exception {
    return await(start());
  }
}
