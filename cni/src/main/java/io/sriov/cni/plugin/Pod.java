package io.sriov.cni.plugin;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The network namespace of a pod, entered by the calling thread for the rest of its life, so that
 * sockets and {@code /proc/sys/net} are the pod's without a further thread. Links of the host are
 * reached by a socket opened before.
 */
public final class Pod implements AutoCloseable {

  private static final Path NET = Path.of("/proc/sys/net");

  private final NetNamespace netns;
  private final RouteSocket links;

  private Pod(NetNamespace netns, RouteSocket links) {
    this.netns = netns;
    this.links = links;
  }

  /** EINVAL if it is a namespace of another kind. */
  public static Pod enter(NetNamespace netns) throws LinuxException {
    netns.enterForGood();
    return new Pod(netns, RouteSocket.open());
  }

  public NetNamespace netns() {
    return netns;
  }

  public RouteSocket links() {
    return links;
  }

  /**
   * The VF's netdev, if it is here.
   *
   * @param resembles whether a link may be it, asked only where the kernel does not tell
   */
  public Optional<Link> netdevOf(VfHardware hardware, String vf, Predicate<Link> resembles)
      throws LinuxException {
    return netdevOf(hardware, vf, resembles, 0);
  }

  /**
   * As above, without a look at every link if it still has its number.
   *
   * @param index 0 if it is not known
   */
  Optional<Link> netdevOf(VfHardware hardware, String vf, Predicate<Link> resembles, int index)
      throws LinuxException {
    if (index != 0) {
      Optional<Link> link = links.findLink(index);
      if (link.isPresent() && hardware.belongs(vf, link.get()) == VfHardware.Belongs.YES) {
        return link;
      }
    }
    return netdevAmong(links.links(), hardware, vf, resembles);
  }

  /**
   * The VF's netdev among all links of a namespace: by the device below, and where the kernel does
   * not tell that, by what the pod knew it by.
   */
  static Optional<Link> netdevAmong(
      List<Link> all, VfHardware hardware, String vf, Predicate<Link> resembles)
      throws LinuxException {
    Optional<Link> likely = Optional.empty();
    for (Link link : all) {
      switch (hardware.belongs(vf, link)) {
        case YES -> {
          return Optional.of(link);
        }
        case UNKNOWN -> {
          if (resembles.test(link)) {
            likely = Optional.of(link);
          }
        }
        case NO -> {}
      }
    }
    return likely;
  }

  /** Writes settings below {@code /proc/sys/net}; what cannot be written is skipped. */
  public void trySettings(Map<String, String> settings, CallLog log) {
    settings.forEach((path, value) -> {
      try {
        set(path, value);
      } catch (LinuxException e) {
        log.debug("setting skipped: {}", e.getMessage());
      }
    });
  }

  /** The value of a setting below {@code /proc/sys/net}, empty if there is none such. */
  public Optional<String> setting(String path) {
    try {
      return Optional.of(
          new String(Files.readAllBytes(NET.resolve(path)), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  public void set(String path, String value) throws LinuxException {
    write(NET.resolve(path), value);
  }

  private static void write(Path path, String value) throws LinuxException {
    String operation = "write " + value + " to " + path;
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    try (Fd fd = Fd.open(path, Fd.WRITE_ONLY)) {
      if (fd.writeOnce(bytes, operation) != bytes.length) {
        throw new LinuxException(Errno.EIO, operation);
      }
    }
  }

  @Override
  public void close() {
    links.close();
  }
}
