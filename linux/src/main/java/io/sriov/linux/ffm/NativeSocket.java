package io.sriov.linux.ffm;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking, close-on-exec socket of any family. Waiting is a matter of {@link
 * #awaitReadable}, which blocks the calling thread in the kernel: use platform threads for long
 * waits, a virtual one would hold its carrier.
 */
public final class NativeSocket implements AutoCloseable {

  public static final int AF_UNIX = 1;
  public static final int AF_INET6 = 10;
  public static final int AF_NETLINK = 16;
  public static final int AF_PACKET = 17;
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_RAW = 3;
  public static final int SOL_SOCKET = 1;

  private static final int SO_NETNS_COOKIE = 71;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_PEEK = 0x2;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int SOCK_NONBLOCK_CLOEXEC = 0x80800;
  private static final int SHUT_WR = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MAX_DESCRIPTORS = 16;
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;

  private static final byte[] NOTHING = {};

  private final Fd fd;
  private final String name;

  private NativeSocket(Fd fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /**
   * {@code socket(2)} in the network namespace of the calling thread.
   *
   * @param name for error texts, e.g. {@code rtnetlink socket}
   */
  public static NativeSocket open(int family, int type, int protocol, String name)
      throws LinuxException {
    int number = SocketCalls.socket(family, type | SOCK_NONBLOCK_CLOEXEC, protocol, "open " + name);
    return new NativeSocket(Fd.owning(number), name);
  }

  /** {@code bind(2)}; the address is a {@code struct sockaddr} of the socket's family. */
  public void bind(byte[] address) throws LinuxException {
    SocketCalls.bind(fd.number(), address, "bind " + name);
  }

  /** {@code connect(2)}. */
  public void connect(byte[] address) throws LinuxException {
    SocketCalls.connect(fd.number(), address, "connect " + name);
  }

  /** {@code getsockname(2)}. */
  public byte[] localAddress() throws LinuxException {
    return SocketCalls.localAddress(fd.number());
  }

  /** {@code listen(2)}. */
  public void listen(int backlog) throws LinuxException {
    SocketCalls.listen(fd.number(), backlog, "listen on " + name);
  }

  /** {@code accept4(2)}; empty if no connection waits. */
  public Optional<NativeSocket> accept(String connectionName) throws LinuxException {
    try {
      int number = SocketCalls.accept(fd.number(), SOCK_NONBLOCK_CLOEXEC, "accept on " + name);
      return Optional.of(new NativeSocket(Fd.owning(number), connectionName));
    } catch (LinuxException e) {
      if (e.is(Errno.EAGAIN, Errno.ECONNABORTED)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** {@code setsockopt(2)} with an int. */
  public void setOption(int level, int option, int value, String what) throws LinuxException {
    byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
    SocketCalls.setOption(fd.number(), level, option, bytes, what + " of " + name);
  }

  /** {@code getsockopt(2)} of {@code length} bytes, in native byte order. */
  public ByteBuffer option(int level, int option, int length, String what) throws LinuxException {
    byte[] value = SocketCalls.option(fd.number(), level, option, length, what + " of " + name);
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
  }

  /**
   * The kernel's cookie of the network namespace this was opened in.
   *
   * @throws LinuxException ENOPROTOOPT before Linux 5.14
   */
  public long namespaceCookie() throws LinuxException {
    return option(SOL_SOCKET, SO_NETNS_COOKIE, 8, "namespace cookie").getLong();
  }

  /**
   * Sends a datagram, or what the kernel takes of a stream.
   *
   * @param to address of the receiver, empty for a connected socket
   * @return bytes taken
   */
  public int send(byte[] content, int offset, int length, byte[] to) throws LinuxException {
    return SocketCalls.sendmsg(fd.number(), content, offset, length, to, NOTHING, MSG_NOSIGNAL);
  }

  /** Sends on a stream together with a descriptor (SCM_RIGHTS). */
  public int sendWithDescriptor(byte[] content, Fd descriptor) throws LinuxException {
    // struct cmsghdr (bits/socket.h): cmsg_len (u64), cmsg_level (int), cmsg_type (int), data.
    byte[] control =
        ByteBuffer.allocate(24)
            .order(ByteOrder.nativeOrder())
            .putLong(20)
            .putInt(SOL_SOCKET)
            .putInt(SCM_RIGHTS)
            .putInt(descriptor.number())
            .array();
    return SocketCalls.sendmsg(
        fd.number(), content, 0, content.length, NOTHING, control, MSG_NOSIGNAL);
  }

  /** {@code shutdown(2)} of the sending direction. */
  public void shutdownOutput() throws LinuxException {
    SocketCalls.shutdown(fd.number(), SHUT_WR, "end output of " + name);
  }

  /** A whole datagram, whatever its size; empty if none waits. */
  public Optional<Datagram> receiveDatagram(int usualSize) throws LinuxException {
    try {
      int length = SocketCalls.recvmsg(fd.number(), 0, 0, MSG_PEEK | MSG_TRUNC).length();
      Received received =
          SocketCalls.recvmsg(fd.number(), Math.max(length, usualSize), 0, MSG_TRUNC);
      return Optional.of(new Datagram(received.bytes(), received.from()));
    } catch (LinuxException e) {
      if (e.is(Errno.EAGAIN)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * What a stream has to offer now; empty if nothing waits. A part without bytes is the end of the
   * stream.
   */
  public Optional<Part> receivePart(int capacity) throws LinuxException {
    Received received;
    try {
      received =
          SocketCalls.recvmsg(fd.number(), capacity, 16 + 4 * MAX_DESCRIPTORS, MSG_CMSG_CLOEXEC);
    } catch (LinuxException e) {
      if (e.is(Errno.EAGAIN)) {
        return Optional.empty();
      }
      throw e;
    }
    List<Fd> descriptors = descriptors(received.control());
    if ((received.flags() & MSG_CTRUNC) != 0) {
      descriptors.forEach(Fd::close);
      throw new LinuxException(
          Errno.EMSGSIZE,
          "receive on " + name,
          "more than " + MAX_DESCRIPTORS + " descriptors, or too many open files");
    }
    return Optional.of(new Part(received.bytes(), descriptors));
  }

  /**
   * Waits until something can be received, an error is pending or the peer hung up.
   *
   * @param waker raising it ends the wait; null for none
   */
  public Wait awaitReadable(Duration timeout, @Nullable Waker waker) throws LinuxException {
    return await(POLLIN, timeout, waker);
  }

  /** Waits until a stream takes more bytes. */
  public Wait awaitWritable(Duration timeout) throws LinuxException {
    return await(POLLOUT, timeout, null);
  }

  private Wait await(short events, Duration timeout, @Nullable Waker waker) throws LinuxException {
    // Rounded up: a wait of less than a millisecond must not become a busy loop.
    long millis = Math.ceilDiv(Math.clamp(timeout.toNanos(), 0, 3_600_000_000_000L), 1_000_000L);
    int ready =
        SocketCalls.poll(fd.number(), waker == null ? -1 : waker.number(), events, (int) millis);
    if ((ready & 2) != 0) {
      return Wait.WOKEN;
    }
    return ready == 0 ? Wait.TIMED_OUT : Wait.READY;
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return name;
  }

  private static List<Fd> descriptors(byte[] control) {
    ByteBuffer in = ByteBuffer.wrap(control).order(ByteOrder.nativeOrder());
    List<Fd> descriptors = new ArrayList<>();
    while (in.remaining() >= 16) {
      int start = in.position();
      long length = in.getLong();
      int level = in.getInt();
      int type = in.getInt();
      if (length < 16 || length > in.limit() - start) {
        break;
      }
      if (level == SOL_SOCKET && type == SCM_RIGHTS) {
        for (long i = 0; i < (length - 16) / 4; i++) {
          descriptors.add(Fd.owning(in.getInt()));
        }
      }
      in.position((int) Math.min(in.limit(), start + ((length + 7) & ~7L)));
    }
    return descriptors;
  }

  /** How a wait ended. */
  public enum Wait {
    READY,
    WOKEN,
    TIMED_OUT
  }

  /** A datagram and the {@code struct sockaddr} of its sender. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  public record Datagram(byte[] bytes, byte[] from) {}

  /** Bytes of a stream and the descriptors that came with them; the receiver closes those. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  public record Part(byte[] bytes, List<Fd> descriptors) {}
}
