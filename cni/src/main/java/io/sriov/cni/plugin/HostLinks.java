package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import java.nio.file.Path;

/** Sockets for the links of the host. */
public final class HostLinks {

  private static final Path CALLING_THREAD = Path.of("/proc/thread-self/ns/net");

  private HostLinks() {}

  /** A socket in the host's namespace; without a further thread if the calling one is there. */
  public static RouteSocket open(NetNamespace host) throws LinuxException {
    try (NetNamespace mine = NetNamespace.open(CALLING_THREAD)) {
      return mine.sameAs(host) ? RouteSocket.open() : RouteSocket.openIn(host);
    }
  }
}
