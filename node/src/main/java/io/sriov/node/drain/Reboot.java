package io.sriov.node.drain;

import java.io.IOException;

/** Reboots the machine. */
@FunctionalInterface
public interface Reboot {

  /**
   * Triggers it and returns; the machine goes down a little later.
   *
   * @throws IOException if the host refuses, with its words
   */
  void trigger() throws IOException, InterruptedException;
}
