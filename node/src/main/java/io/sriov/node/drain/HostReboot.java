package io.sriov.node.drain;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has the host's systemd stop the kubelet and reboot, in a unit of its own, so that it does not end
 * with this pod (spec 03 §3.10). The kubelet goes first: it would report pods that end with the
 * machine as failed.
 */
public final class HostReboot implements Reboot {

  /** Name of the unit, for {@code journalctl -u}. */
  static final String UNIT = "sriov-network-config-daemon-reboot";

  private static final int SECONDS = 30;

  private final Path hostRoot;

  /**
   * @param hostRoot the host's root folder as this process sees it
   */
  public HostReboot(Path hostRoot) {
    this.hostRoot = hostRoot;
  }

  /** The command, with what is needed to run it on the host. */
  static List<String> command(Path hostRoot) {
    var command = new ArrayList<String>();
    if (!hostRoot.equals(Path.of("/"))) {
      command.addAll(List.of("chroot", hostRoot.toString()));
    }
    command.addAll(
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
            "systemctl stop kubelet.service; reboot"));
    return command;
  }

  @Override
  public void trigger() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command(hostRoot)).redirectErrorStream(true).start();
    process.getOutputStream().close();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("systemd-run did not answer for " + SECONDS + " s");
    }
    if (process.exitValue() != 0) {
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      throw new IOException("systemd-run ended with code " + process.exitValue() + ": " + said);
    }
  }
}
