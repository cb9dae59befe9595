package io.sriov.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A program that never outlives this JVM, not even one killed with SIGKILL: the kernel kills it
 * when its parent thread ends ({@code PR_SET_PDEATHSIG}, prctl(2)).
 */
final class BoundProcess {

  /**
   * The parent-death signal follows the thread that forked, not the process: so one thread, which
   * lives as long as the JVM, starts them all.
   */
  private static final ExecutorService PARENT =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("lab-process-parent").factory());

  private final Process process;
  private final Path log;

  private BoundProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts {@code command} with its output appended to {@code log}. */
  static BoundProcess start(Path log, List<String> command) {
    List<String> bound = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    bound.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(bound)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      return new BoundProcess(PARENT.submit(builder::start).get(), log);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot start " + command.getFirst(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting " + command.getFirst(), e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Kills the process (SIGKILL) and waits until it is gone and its ports are free. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** The last lines of its output, for messages. */
  String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
