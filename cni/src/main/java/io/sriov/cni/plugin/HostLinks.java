package io.sriov.cni.plugin;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;

/** Sockets for the links of the host. */
public final class HostLinks {

  private HostLinks() {}

  /** A socket in the host's namespace; without a further thread if the calling one is there. */
  public static RouteSocket open(NetNamespace host) throws LinuxException {
    RouteSocket here = RouteSocket.open();
    try {
      if (here.isIn(host)) {
        return here;
      }
    } catch (LinuxException e) {
      // Before Linux 5.14 a socket does not tell where it is.
      if (!e.is(Errno.ENOPROTOOPT)) {
        here.close();
        throw e;
      }
    }
    here.close();
    return RouteSocket.openIn(host);
  }
}
