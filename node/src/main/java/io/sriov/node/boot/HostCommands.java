package io.sriov.node.boot;

import io.sriov.linux.program.HostProgram;
import java.io.IOException;
import java.time.Duration;

/** Programs of the host, for what only they can do. */
public interface HostCommands {

  /** Whether the host has the program. */
  boolean has(String program);

  /**
   * Runs a program of the host in its root folder.
   *
   * @throws IOException if it cannot be started or does not end in time; then it is killed
   */
  HostProgram.Ended run(Duration atMost, String... command)
      throws IOException, InterruptedException;
}
