package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * RDMA devices of a namespace and the subsystem's mode (NETLINK_RDMA, client NLDEV,
 * rdma/rdma_netlink.h).
 */
public final class RdmaSocket implements AutoCloseable {

  private static final int NETLINK_RDMA = 20;
  private static final int NLDEV = 5 << 10;
  private static final int CMD_GET = NLDEV | 1;
  private static final int CMD_SET = NLDEV | 2;
  private static final int CMD_SYS_GET = NLDEV | 6;
  private static final int CMD_SYS_SET = NLDEV | 7;
  private static final int SYS_NETNS_MODE = 66;
  private static final int NET_NS_FD = 68;

  private final NetlinkSocket socket;

  private RdmaSocket(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** How namespaces see RDMA devices, in the order of the kernel's numbers. */
  public enum NetnsMode {
    /** A device belongs to one namespace. */
    EXCLUSIVE,
    /** Every namespace sees every device. */
    SHARED
  }

  /** A socket in the namespace of this process; empty if the kernel has no RDMA (ib_core). */
  public static Optional<RdmaSocket> open() throws LinuxException {
    return open(null);
  }

  /** A socket in another namespace; empty if the kernel has no RDMA (ib_core). */
  public static Optional<RdmaSocket> openIn(NetNamespace namespace) throws LinuxException {
    return open(namespace);
  }

  private static Optional<RdmaSocket> open(@Nullable NetNamespace namespace) throws LinuxException {
    try {
      return Optional.of(
          new RdmaSocket(NetlinkSocket.open(NETLINK_RDMA, "rdma socket", namespace)));
    } catch (LinuxException e) {
      if (e.is(Errno.EPROTONOSUPPORT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Every device. */
  public List<RdmaDevice> devices() throws LinuxException {
    return socket.dump(
        packDump(), "RDMA_NLDEV_CMD_GET", (_, payload) -> Optional.of(RdmaDevice.parse(payload)));
  }

  /** The device with this name. */
  public Optional<RdmaDevice> device(String name) throws LinuxException {
    return devices().stream().filter(device -> device.name().equals(name)).findFirst();
  }

  /** Moves a device; EOPNOTSUPP in shared mode. */
  public void move(RdmaDevice device, NetNamespace target) throws LinuxException {
    socket.change(
        packMove(device.index(), target.fd().number()),
        "RDMA_NLDEV_CMD_SET " + device.name() + " move to " + target);
  }

  /** The mode; empty if the kernel reports none or one unknown. */
  public Optional<NetnsMode> netnsMode() throws LinuxException {
    return socket.get(packGetMode(), "RDMA_NLDEV_CMD_SYS_GET", (_, payload) -> readMode(payload));
  }

  static Optional<NetnsMode> readMode(ByteBuffer in) throws LinuxException {
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      if (attribute.type() == SYS_NETNS_MODE) {
        int number = attribute.u8();
        return number < NetnsMode.values().length
            ? Optional.of(NetnsMode.values()[number])
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Sets the mode; EBUSY while there are other namespaces. */
  public void setNetnsMode(NetnsMode mode) throws LinuxException {
    socket.change(packSetMode(mode), "RDMA_NLDEV_CMD_SYS_SET netns mode " + mode);
  }

  static MessageWriter packDump() {
    return new MessageWriter(CMD_GET, MessageHeader.DUMP);
  }

  static MessageWriter packMove(int device, int namespaceFd) {
    return new MessageWriter(CMD_SET, MessageHeader.ACK)
        .u32(RdmaDevice.DEV_INDEX, device)
        .u32(NET_NS_FD, namespaceFd);
  }

  static MessageWriter packGetMode() {
    return new MessageWriter(CMD_SYS_GET, MessageHeader.ACK);
  }

  static MessageWriter packSetMode(NetnsMode mode) {
    return new MessageWriter(CMD_SYS_SET, MessageHeader.ACK).u8(SYS_NETNS_MODE, mode.ordinal());
  }

  @Override
  public void close() {
    socket.close();
  }
}
