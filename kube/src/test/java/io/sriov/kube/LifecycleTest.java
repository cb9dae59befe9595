package io.sriov.kube;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LifecycleTest {

  @Test
  void closesPartsInReverseOrderEvenIfOneFails() {
    var closed = new ArrayList<String>();
    int code =
        new Lifecycle(() -> {})
            .runUntilEnd(
                "test",
                lifecycle -> {
                  lifecycle.closeAtEnd(() -> closed.add("client"));
                  lifecycle.closeAtEnd(() -> {
                    throw new IOException("cannot close");
                  });
                  lifecycle.closeAtEnd(() -> closed.add("server"));
                  lifecycle.stop();
                });

    assertThat(code).isZero();
    assertThat(closed).containsExactly("server", "client");
  }

  @Test
  void endsWithCodeOneWhenItCannotStartAndClosesWhatRan() {
    var closed = new ArrayList<String>();
    int code =
        new Lifecycle(() -> {})
            .runUntilEnd(
                "test",
                lifecycle -> {
                  lifecycle.closeAtEnd(() -> closed.add("client"));
                  throw new SettingException("environment variable X", "required, but not set");
                });

    assertThat(code).isEqualTo(1);
    assertThat(closed).containsExactly("client");
  }

  @Test
  void endsWithCodeOneWhenAPartFails() {
    int code =
        new Lifecycle(() -> {})
            .runUntilEnd(
                "test", lifecycle -> lifecycle.fail("watch", new IllegalStateException("gone")));

    assertThat(code).isEqualTo(1);
  }

  @Test
  void endsInOrderWithCodeZeroOnSigterm() throws Exception {
    var process = start("closes");
    try (var lines = process.inputReader()) {
      awaitLine(lines, "started");
      terminate(process);
      assertThat(lines.readAllLines()).containsExactly("closed");
      assertThat(process.waitFor()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void endsOnSigtermWhileItIsStillStarting() throws Exception {
    var process = start("waits");
    try (var lines = process.inputReader()) {
      awaitLine(lines, "started");
      terminate(process);
      assertThat(process.waitFor()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void endsAtOnceWithCodeOneOnASecondSignal() throws Exception {
    var process = start("hangs");
    try (var lines = process.inputReader()) {
      awaitLine(lines, "started");
      terminate(process);
      awaitLine(lines, "closing");
      terminate(process);
      assertThat(process.waitFor(10, SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
    } finally {
      process.destroyForcibly();
    }
  }

  /** {@link Process#destroy} would close the streams as well. */
  private static void terminate(Process process) {
    assertThat(process.toHandle().destroy()).isTrue();
  }

  private static void awaitLine(BufferedReader lines, String line) throws IOException {
    assertThat(lines.readLine()).isEqualTo(line);
  }

  private static Process start(String how) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Signalled.class.getName(),
                how))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** A process for the tests to send signals to. */
  static final class Signalled {
    public static void main(String[] args) {
      System.exit(
          Lifecycle.run(
              "signalled",
              lifecycle -> {
                switch (args[0]) {
                  case "closes" -> lifecycle.closeAtEnd(() -> say("closed"));
                  case "hangs" ->
                      lifecycle.closeAtEnd(() -> {
                        say("closing");
                        new CountDownLatch(1).await();
                      });
                  default -> {}
                }
                say("started");
                if (args[0].equals("waits")) {
                  new CountDownLatch(1).await();
                }
              }));
    }

    private static void say(String line) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
