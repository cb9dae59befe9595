package io.sriov.node.boot;

import java.io.IOException;
import java.time.Duration;

/** Programs of the host, for what only they can do. */
public interface HostCommands {

  /**
   * How a program ended.
   *
   * @param output both streams, without white space around
   */
  record Ended(int status, String output) {

    boolean failed() {
      return status != 0;
    }
  }

  /** Whether the host has the program. */
  boolean has(String program);

  /**
   * Runs a program of the host in its root folder.
   *
   * @throws IOException if it cannot be started or does not end in time; then it is killed
   */
  Ended run(Duration atMost, String... command) throws IOException, InterruptedException;
}
