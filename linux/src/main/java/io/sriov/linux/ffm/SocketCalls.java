package io.sriov.linux.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.sriov.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The calls of libc on sockets. */
final class SocketCalls {

  /**
   * Offsets in {@code struct msghdr} (bits/socket.h, 64-bit, 56 bytes): msg_name, msg_namelen (u32,
   * padded), msg_iov, msg_iovlen, msg_control, msg_controllen, msg_flags (int, padded).
   */
  private static final int MSGHDR_SIZE = 56;

  private static final int MSG_NAME = 0;
  private static final int MSG_NAMELEN = 8;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int MSG_FLAGS = 48;

  /** {@code struct sockaddr_storage}. */
  private static final int ADDRESS_SIZE = 128;

  private SocketCalls() {}

  static int socket(int family, int type, int protocol, String what) throws LinuxException {
    return (int) Libc.SOCKET.call(what, family, type, protocol);
  }

  static void bind(int fd, byte[] address, String what) throws LinuxException {
    withAddress(Libc.BIND, fd, address, what);
  }

  static void connect(int fd, byte[] address, String what) throws LinuxException {
    withAddress(Libc.CONNECT, fd, address, what);
  }

  private static void withAddress(Libc function, int fd, byte[] address, String what)
      throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, address);
      long unused = function.call(arena, what, fd, bytes.address(), address.length);
    }
  }

  static byte[] localAddress(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(ADDRESS_SIZE, 8);
      MemorySegment size = arena.allocateFrom(JAVA_INT, ADDRESS_SIZE);
      long unused = Libc.GETSOCKNAME.call(arena, "getsockname", fd, name.address(), size.address());
      return array(name, Math.min(size.get(JAVA_INT, 0), ADDRESS_SIZE));
    }
  }

  static void listen(int fd, int backlog, String what) throws LinuxException {
    long unused = Libc.LISTEN.call(what, fd, backlog);
  }

  static void shutdown(int fd, int how, String what) throws LinuxException {
    long unused = Libc.SHUTDOWN.call(what, fd, how);
  }

  static int accept(int fd, int flags, String what) throws LinuxException {
    return (int) Libc.ACCEPT4.call(what, fd, 0, 0, flags);
  }

  static void setOption(int fd, int level, int name, byte[] value, String what)
      throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, value);
      long unused =
          Libc.SETSOCKOPT.call(arena, what, fd, level, name, bytes.address(), value.length);
    }
  }

  static byte[] option(int fd, int level, int name, int length, String what) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(length, 8);
      MemorySegment size = arena.allocateFrom(JAVA_INT, length);
      long unused =
          Libc.GETSOCKOPT.call(arena, what, fd, level, name, bytes.address(), size.address());
      return array(bytes, length);
    }
  }

  /**
   * One sendmsg(2).
   *
   * @param to address of the receiver, empty for none
   * @param control ancillary data as {@code struct cmsghdr}, empty for none
   */
  static int sendmsg(
      int fd, byte[] content, int offset, int length, byte[] to, byte[] control, int flags)
      throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, length), 8);
      MemorySegment.copy(content, offset, bytes, JAVA_BYTE, 0, length);
      MemorySegment header = header(arena, bytes, length);
      if (to.length > 0) {
        header.set(ADDRESS, MSG_NAME, arena.allocateFrom(JAVA_BYTE, to));
        header.set(JAVA_INT, MSG_NAMELEN, to.length);
      }
      if (control.length > 0) {
        MemorySegment ancillary = arena.allocate(control.length, 8);
        MemorySegment.copy(control, 0, ancillary, JAVA_BYTE, 0, control.length);
        header.set(ADDRESS, MSG_CONTROL, ancillary);
        header.set(JAVA_LONG, MSG_CONTROLLEN, control.length);
      }
      return (int) Libc.SENDMSG.call(arena, "send", fd, header.address(), flags);
    }
  }

  /**
   * One recvmsg(2).
   *
   * @param control room for ancillary data in bytes, 0 for none
   */
  static Received recvmsg(int fd, int capacity, int control, int flags) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, capacity), 8);
      MemorySegment header = header(arena, bytes, capacity);
      MemorySegment name = arena.allocate(ADDRESS_SIZE, 8);
      header.set(ADDRESS, MSG_NAME, name);
      header.set(JAVA_INT, MSG_NAMELEN, ADDRESS_SIZE);
      MemorySegment ancillary = arena.allocate(Math.max(1, control), 8);
      if (control > 0) {
        header.set(ADDRESS, MSG_CONTROL, ancillary);
        header.set(JAVA_LONG, MSG_CONTROLLEN, control);
      }
      int length = (int) Libc.RECVMSG.call(arena, "receive", fd, header.address(), flags);
      return new Received(
          array(bytes, Math.min(length, capacity)),
          length,
          header.get(JAVA_INT, MSG_FLAGS),
          array(name, Math.min(header.get(JAVA_INT, MSG_NAMELEN), ADDRESS_SIZE)),
          array(ancillary, Math.min(header.get(JAVA_LONG, MSG_CONTROLLEN), control)));
    }
  }

  /**
   * Waits until one of the descriptors is ready for {@code events}, in error or hung up.
   *
   * @param second −1 for none
   * @return bit 0: the first has something, bit 1: the second; 0 after the time has passed
   */
  static int poll(int first, int second, short events, int timeoutMillis) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // struct pollfd (asm-generic/poll.h): fd (int, negative is ignored), events, revents (short).
      MemorySegment fds = arena.allocate(16, 4);
      fds.set(JAVA_INT, 0, first);
      fds.set(JAVA_SHORT, 4, events);
      fds.set(JAVA_INT, 8, second);
      fds.set(JAVA_SHORT, 12, events);
      long unused = Libc.POLL.call(arena, "poll", fds.address(), 2, timeoutMillis);
      return (fds.get(JAVA_SHORT, 6) != 0 ? 1 : 0) | (fds.get(JAVA_SHORT, 14) != 0 ? 2 : 0);
    }
  }

  private static MemorySegment header(Arena arena, MemorySegment bytes, long length) {
    // struct iovec: iov_base, iov_len.
    MemorySegment iovec = arena.allocate(16, 8);
    iovec.set(ADDRESS, 0, bytes);
    iovec.set(JAVA_LONG, 8, length);
    MemorySegment header = arena.allocate(MSGHDR_SIZE, 8);
    header.set(ADDRESS, MSG_IOV, iovec);
    header.set(JAVA_LONG, MSG_IOVLEN, 1);
    return header;
  }

  private static byte[] array(MemorySegment segment, long length) {
    return segment.asSlice(0, length).toArray(JAVA_BYTE);
  }
}
