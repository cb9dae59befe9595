package io.sriov.linux.udev;

import io.sriov.linux.LinuxException;
import io.sriov.linux.program.HostProgram;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** systemd-udevd of the host. */
public final class Udev {

  private static final Duration RELOAD = Duration.ofSeconds(30);

  private final Path hostRoot;
  private final Sysfs sysfs;

  /**
   * The daemon of a host.
   *
   * @param hostRoot the host's root directory as this process sees it
   */
  public Udev(Path hostRoot, Sysfs sysfs) {
    this.hostRoot = hostRoot;
    this.sysfs = sysfs;
  }

  /**
   * Makes udevd read its rules now. By itself it notices a changed file with the next event, but
   * looks at most every 3 s.
   */
  public void reloadRules() throws IOException {
    HostProgram.run(
        hostRoot, "udevadm control", RELOAD, List.of("udevadm", "control", "--reload-rules"));
  }

  /** Lets udevd handle a link as if it had just appeared; ENOENT if there is no such link. */
  public void announce(String netdev) throws LinuxException {
    sysfs.write(sysfs.path("class/net").resolve(netdev).resolve("uevent"), "add");
  }
}
