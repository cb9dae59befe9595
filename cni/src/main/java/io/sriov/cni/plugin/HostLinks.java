package io.sriov.cni.plugin;

import io.sriov.linux.Errno;
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
    RouteSocket here = RouteSocket.open();
    try {
      if (isIn(host, here)) {
        return here;
      }
    } catch (LinuxException e) {
      here.close();
      throw e;
    }
    here.close();
    return RouteSocket.openIn(host);
  }

  /** Whether a socket that the calling thread has opened is the host's. */
  private static boolean isIn(NetNamespace host, RouteSocket socket) throws LinuxException {
    try {
      return socket.isIn(host);
    } catch (LinuxException e) {
      // Before Linux 5.14 a socket does not tell where it is, but the thread does.
      if (!e.is(Errno.ENOPROTOOPT)) {
        throw e;
      }
    }
    try (NetNamespace mine = NetNamespace.open(CALLING_THREAD)) {
      return mine.sameAs(host);
    }
  }
}
