package io.sriov.linux.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.sriov.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** The calls of libc on sockets. */
final class SocketCalls {

  /**
   * {@code struct msghdr} (bits/socket.h, 64-bit): msg_name, msg_namelen (u32, padded), msg_iov,
   * msg_iovlen, msg_control, msg_controllen, msg_flags (int, padded).
   */
  static final MemoryLayout MSGHDR =
      MemoryLayout.structLayout(
          ADDRESS,
          JAVA_INT,
          MemoryLayout.paddingLayout(4),
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          MemoryLayout.paddingLayout(4));

  static final long MSG_NAME = 0;
  static final long MSG_NAMELEN = 8;
  static final long MSG_IOV = 16;
  static final long MSG_IOVLEN = 24;
  static final long MSG_CONTROL = 32;
  static final long MSG_CONTROLLEN = 40;
  static final long MSG_FLAGS = 48;

  private static final class Open {
    static final MethodHandle HANDLE =
        Native.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  }

  private static final class Bind {
    static final MethodHandle HANDLE =
        Native.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  }

  private static final class Connect {
    static final MethodHandle HANDLE =
        Native.function("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  }

  private static final class Name {
    static final MethodHandle HANDLE =
        Native.function("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  }

  private static final class Listen {
    static final MethodHandle HANDLE =
        Native.function("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  }

  private static final class Shutdown {
    static final MethodHandle HANDLE =
        Native.function("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  }

  private static final class Accept {
    static final MethodHandle HANDLE =
        Native.function(
            "accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  }

  private static final class SetOption {
    static final MethodHandle HANDLE =
        Native.function(
            "setsockopt",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  }

  private static final class GetOption {
    static final MethodHandle HANDLE =
        Native.function(
            "getsockopt",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  }

  private static final class Message {
    private static final FunctionDescriptor SHAPE =
        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle SEND = Native.function("sendmsg", SHAPE);
    static final MethodHandle RECEIVE = Native.function("recvmsg", SHAPE);
  }

  private static final class Poll {
    static final MethodHandle HANDLE =
        Native.function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  }

  private SocketCalls() {}

  static int socket(int family, int type, int protocol, String what) throws LinuxException {
    return (int)
        Native.call(
            what, (_, state) -> (int) Open.HANDLE.invokeExact(state, family, type, protocol));
  }

  static void bind(int fd, byte[] address, String what) throws LinuxException {
    long unused =
        Native.call(
            what,
            (arena, state) ->
                (int)
                    Bind.HANDLE.invokeExact(
                        state, fd, arena.allocateFrom(JAVA_BYTE, address), address.length));
  }

  static void connect(int fd, byte[] address, String what) throws LinuxException {
    long unused =
        Native.call(
            what,
            (arena, state) ->
                (int)
                    Connect.HANDLE.invokeExact(
                        state, fd, arena.allocateFrom(JAVA_BYTE, address), address.length));
  }

  static byte[] localAddress(int fd) throws LinuxException {
    byte[] buffer = new byte[128];
    long length =
        Native.call(
            "getsockname",
            (arena, state) -> {
              MemorySegment name = arena.allocate(buffer.length, 8);
              MemorySegment size = arena.allocateFrom(JAVA_INT, buffer.length);
              int result = (int) Name.HANDLE.invokeExact(state, fd, name, size);
              MemorySegment.copy(name, JAVA_BYTE, 0, buffer, 0, buffer.length);
              return result < 0 ? result : size.get(JAVA_INT, 0);
            });
    return Arrays.copyOf(buffer, (int) Math.min(length, buffer.length));
  }

  static void listen(int fd, int backlog, String what) throws LinuxException {
    long unused =
        Native.call(what, (_, state) -> (int) Listen.HANDLE.invokeExact(state, fd, backlog));
  }

  static void shutdown(int fd, int how, String what) throws LinuxException {
    long unused =
        Native.call(what, (_, state) -> (int) Shutdown.HANDLE.invokeExact(state, fd, how));
  }

  static int accept(int fd, int flags, String what) throws LinuxException {
    return (int)
        Native.call(
            what,
            (_, state) ->
                (int)
                    Accept.HANDLE.invokeExact(
                        state, fd, MemorySegment.NULL, MemorySegment.NULL, flags));
  }

  static void setOption(int fd, int level, int name, byte[] value, String what)
      throws LinuxException {
    long unused =
        Native.call(
            what,
            (arena, state) ->
                (int)
                    SetOption.HANDLE.invokeExact(
                        state,
                        fd,
                        level,
                        name,
                        arena.allocateFrom(JAVA_BYTE, value),
                        value.length));
  }

  static byte[] option(int fd, int level, int name, int length, String what) throws LinuxException {
    byte[] value = new byte[length];
    long unused =
        Native.call(
            what,
            (arena, state) -> {
              MemorySegment bytes = arena.allocate(length, 8);
              MemorySegment size = arena.allocateFrom(JAVA_INT, length);
              int result = (int) GetOption.HANDLE.invokeExact(state, fd, level, name, bytes, size);
              MemorySegment.copy(bytes, JAVA_BYTE, 0, value, 0, length);
              return result;
            });
    return value;
  }

  static long sendmsg(int fd, byte[] content, int offset, int length, byte[] to, byte[] control)
      throws LinuxException {
    return Native.call(
        "send",
        (arena, state) -> {
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
          return (long) Message.SEND.invokeExact(state, fd, header, NativeSocket.MSG_NOSIGNAL);
        });
  }

  /**
   * One recvmsg(2).
   *
   * @param control room for ancillary data in bytes, 0 for none
   */
  static Received recvmsg(int fd, int capacity, int control, int flags) throws LinuxException {
    Received[] received = new Received[1];
    long unused =
        Native.call(
            "receive",
            (arena, state) -> {
              MemorySegment bytes = arena.allocate(Math.max(1, capacity), 8);
              MemorySegment header = header(arena, bytes, capacity);
              MemorySegment name = arena.allocate(128, 8);
              header.set(ADDRESS, MSG_NAME, name);
              header.set(JAVA_INT, MSG_NAMELEN, 128);
              MemorySegment ancillary = arena.allocate(Math.max(1, control), 8);
              if (control > 0) {
                header.set(ADDRESS, MSG_CONTROL, ancillary);
                header.set(JAVA_LONG, MSG_CONTROLLEN, control);
              }
              long length = (long) Message.RECEIVE.invokeExact(state, fd, header, flags);
              if (length >= 0) {
                received[0] =
                    new Received(
                        array(bytes, Math.min(length, capacity)),
                        (int) length,
                        header.get(JAVA_INT, MSG_FLAGS),
                        array(name, Math.min(header.get(JAVA_INT, MSG_NAMELEN), 128)),
                        array(ancillary, Math.min(header.get(JAVA_LONG, MSG_CONTROLLEN), control)));
              }
              return length;
            });
    return received[0];
  }

  /**
   * Waits until one of the descriptors is readable or hung up.
   *
   * @return bit 0: the first has something, bit 1: the second; 0 after the time has passed
   */
  static int poll(int first, int second, short events, int timeoutMillis) throws LinuxException {
    int count = second < 0 ? 1 : 2;
    int[] ready = new int[1];
    long unused =
        Native.call(
            "poll",
            (arena, state) -> {
              // struct pollfd (asm-generic/poll.h): fd (int), events (short), revents (short).
              MemorySegment fds = arena.allocate(16, 4);
              fds.set(JAVA_INT, 0, first);
              fds.set(JAVA_SHORT, 4, events);
              fds.set(JAVA_INT, 8, second);
              fds.set(JAVA_SHORT, 12, events);
              int result = (int) Poll.HANDLE.invokeExact(state, fds, (long) count, timeoutMillis);
              ready[0] =
                  (fds.get(JAVA_SHORT, 6) != 0 ? 1 : 0)
                      | (count > 1 && fds.get(JAVA_SHORT, 14) != 0 ? 2 : 0);
              return result;
            });
    return ready[0];
  }

  private static MemorySegment header(Arena arena, MemorySegment bytes, long length) {
    // struct iovec: iov_base, iov_len.
    MemorySegment iovec = arena.allocate(16, 8);
    iovec.set(ADDRESS, 0, bytes);
    iovec.set(JAVA_LONG, 8, length);
    MemorySegment header = arena.allocate(MSGHDR);
    header.set(ADDRESS, MSG_IOV, iovec);
    header.set(JAVA_LONG, MSG_IOVLEN, 1);
    return header;
  }

  private static byte[] array(MemorySegment segment, long length) {
    return segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
