package io.sriov.cni.plugin;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.RdmaDevice;
import io.sriov.linux.netlink.RdmaSocket;
import io.sriov.linux.netns.NetNamespace;
import java.util.Optional;

/** RDMA devices as the kernel shows them. */
public final class KernelRdma implements RdmaHardware {

  @Override
  public Optional<RdmaSocket.NetnsMode> mode() throws LinuxException {
    Optional<RdmaSocket> opened = RdmaSocket.open();
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (RdmaSocket socket = opened.get()) {
      return socket.netnsMode();
    }
  }

  @Override
  public boolean isIn(NetNamespace namespace, String device) throws LinuxException {
    Optional<RdmaSocket> opened = RdmaSocket.openIn(namespace);
    if (opened.isEmpty()) {
      return false;
    }
    try (RdmaSocket socket = opened.get()) {
      return socket.device(device).isPresent();
    }
  }

  @Override
  public void move(String device, NetNamespace from, NetNamespace to) throws LinuxException {
    String operation = "move RDMA device " + device;
    RdmaSocket opened =
        RdmaSocket.openIn(from)
            .orElseThrow(() ->
                new LinuxException(
                    Errno.EPROTONOSUPPORT, operation, "the kernel has no RDMA (ib_core)"));
    try (RdmaSocket socket = opened) {
      RdmaDevice found =
          socket
              .device(device)
              .orElseThrow(
                  () -> new LinuxException(Errno.ENODEV, operation, "it is not in that namespace"));
      socket.move(found, to);
    }
  }
}
