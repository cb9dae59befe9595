package io.sriov.node.drain;

import io.sriov.linux.program.HostProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Has the host's systemd stop the kubelet and reboot, in a unit of its own, so that it does not end
 * with this pod (spec 03 §3.10). The kubelet goes first: it would report pods that end with the
 * machine as failed.
 */
public final class HostReboot implements Reboot {

  /** Name of the unit, for {@code journalctl -u}. */
  static final String UNIT = "sriov-network-config-daemon-reboot";

  private static final Duration ANSWER = Duration.ofSeconds(30);

  private static final List<String> COMMAND =
      List.of(
          "systemd-run",
          "--unit",
          UNIT,
          "--description",
          "sriov-network-config-daemon reboot node",
          // A unit that failed would keep its name from being used again.
          "--collect",
          "/bin/sh",
          "-c",
          "systemctl stop kubelet.service; reboot");

  private final Path hostRoot;

  /**
   * @param hostRoot the host's root folder as this process sees it
   */
  public HostReboot(Path hostRoot) {
    this.hostRoot = hostRoot;
  }

  /** The command, with what is needed to run it on the host. */
  static List<String> command(Path hostRoot) {
    return HostProgram.words(hostRoot, COMMAND);
  }

  @Override
  public void trigger() throws IOException, InterruptedException {
    HostProgram.Ended ended = HostProgram.ended(hostRoot, "systemd-run", ANSWER, COMMAND);
    if (ended.failed()) {
      throw new IOException(
          "systemd-run ended with code " + ended.status() + ": " + ended.output());
    }
  }
}
