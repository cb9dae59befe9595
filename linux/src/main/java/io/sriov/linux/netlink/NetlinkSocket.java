package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.netns.NetNamespace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Request and answer on one netlink socket. Safe for use by many threads, one request at a time.
 * The kernel does the work of a request inside {@code sendmsg}, however long that takes; the
 * deadline is for its answer.
 */
final class NetlinkSocket implements AutoCloseable {

  private static final int SOL_NETLINK = 270;
  private static final int CAP_ACK = 10;
  private static final int EXT_ACK = 11;
  private static final int GET_STRICT_CHK = 12;

  /** Largest chunk of a dump the kernel makes (net/netlink/af_netlink.c). */
  private static final int USUAL_SIZE = 32 * 1024;

  private static final int DUMP_ATTEMPTS = 20;
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final byte[] KERNEL = address(0, 0);

  private final NativeSocket socket;
  private final int port;
  private final ReentrantLock lock = new ReentrantLock();
  private int sequence;
  private boolean closed;

  private NetlinkSocket(NativeSocket socket, int port) {
    this.socket = socket;
    this.port = port;
  }

  /** Reads one message of an answer; the buffer stands behind the header and ends with it. */
  @FunctionalInterface
  interface Reader<T> {
    T read(MessageHeader header, ByteBuffer payload) throws LinuxException;
  }

  /**
   * A socket of a netlink family.
   *
   * @param namespace where to open it; null for the caller's
   */
  static NetlinkSocket open(int protocol, String name, @Nullable NetNamespace namespace)
      throws LinuxException {
    NativeSocket socket = openNative(protocol, name, namespace);
    try {
      socket.setOption(SOL_NETLINK, EXT_ACK, 1, "extended ack");
      socket.setOption(SOL_NETLINK, CAP_ACK, 1, "capped ack");
      strictChecks(socket);
      socket.bind(address(0, 0));
      int port = ByteBuffer.wrap(socket.localAddress()).order(ByteOrder.nativeOrder()).getInt(4);
      return new NetlinkSocket(socket, port);
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  static NativeSocket openNative(int protocol, String name, @Nullable NetNamespace namespace)
      throws LinuxException {
    return namespace == null
        ? openHere(protocol, name)
        : namespace.call(() -> openHere(protocol, name));
  }

  private static NativeSocket openHere(int protocol, String name) throws LinuxException {
    return NativeSocket.open(NativeSocket.AF_NETLINK, NativeSocket.SOCK_RAW, protocol, name);
  }

  /** Makes the kernel honour the filter of a dump; older than 4.20 it filters nothing. */
  private static void strictChecks(NativeSocket socket) throws LinuxException {
    try {
      socket.setOption(SOL_NETLINK, GET_STRICT_CHK, 1, "strict checks");
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOPROTOOPT)) {
        throw e;
      }
    }
  }

  /**
   * {@code struct sockaddr_nl} from linux/netlink.h: nl_family (u16), pad (u16), nl_pid (u32),
   * nl_groups (u32, groups 1 to 32 as bits).
   */
  static byte[] address(int port, int groups) {
    return ByteBuffer.allocate(12)
        .order(ByteOrder.nativeOrder())
        .putShort((short) NativeSocket.AF_NETLINK)
        .putShort((short) 0)
        .putInt(port)
        .putInt(groups)
        .array();
  }

  /** See {@link NativeSocket#namespaceCookie}. */
  long namespaceCookie() throws LinuxException {
    return socket.namespaceCookie();
  }

  /** Sends a change and waits for its acknowledgement. */
  void change(MessageWriter request, String operation) throws LinuxException {
    Optional<Object> unused = request(withAck(request), operation, (_, _) -> new Object());
  }

  /** Sends a question with one answer. */
  <T> T get(MessageWriter request, String operation, Reader<T> reader) throws LinuxException {
    return request(withAck(request), operation, reader)
        .orElseThrow(
            () -> new LinuxException(Errno.ENODATA, operation, "no answer before the ack"));
  }

  /** Sends a question with many answers; what the reader finds empty is left out. */
  <T> List<T> dump(MessageWriter request, String operation, Reader<Optional<T>> reader)
      throws LinuxException {
    lock.lock();
    try {
      for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
        List<T> answers = new ArrayList<>();
        Exchange exchange = new Exchange(operation);
        exchange.send(request);
        exchange.receiveAll(
            (header, payload) -> reader.read(header, payload).ifPresent(answers::add));
        if (!exchange.interrupted) {
          return answers;
        }
      }
      throw new LinuxException(
          Errno.EAGAIN, operation, "changed while it was read, " + DUMP_ATTEMPTS + " times");
    } finally {
      lock.unlock();
    }
  }

  private <T> Optional<T> request(MessageWriter request, String operation, Reader<T> reader)
      throws LinuxException {
    lock.lock();
    try {
      List<T> answers = new ArrayList<>(1);
      Exchange exchange = new Exchange(operation);
      exchange.send(request);
      exchange.receiveAll((header, payload) -> answers.add(reader.read(header, payload)));
      return answers.stream().findFirst();
    } finally {
      lock.unlock();
    }
  }

  private static MessageWriter withAck(MessageWriter request) {
    if ((request.flags() & MessageHeader.ACK) == 0) {
      throw new IllegalArgumentException("request without NLM_F_ACK would wait for ever");
    }
    return request;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      socket.close();
    } finally {
      lock.unlock();
    }
  }

  @FunctionalInterface
  private interface Sink {
    void accept(MessageHeader header, ByteBuffer payload) throws LinuxException;
  }

  /** One request until its acknowledgement or the end of its dump. */
  private final class Exchange {

    final String operation;
    int mine;
    boolean interrupted;

    /** What the reader could not read; the rest of a dump must be taken from the kernel anyway. */
    @Nullable LinuxException unreadable;

    Exchange(String operation) {
      this.operation = operation;
    }

    void send(MessageWriter request) throws LinuxException {
      if (closed) {
        throw new LinuxException(Errno.EBADF, operation, "socket is closed");
      }
      mine = ++sequence;
      byte[] message = request.pack(mine, port);
      try {
        int unused = socket.send(message, 0, message.length, KERNEL);
      } catch (LinuxException e) {
        throw new LinuxException(e.errno(), operation, "send");
      }
    }

    void receiveAll(Sink sink) throws LinuxException {
      long deadline = System.nanoTime() + ANSWER_TIMEOUT.toNanos();
      while (true) {
        Optional<NativeSocket.Datagram> datagram = receive(deadline);
        if (datagram.isEmpty() || portOf(datagram.get().from()) != 0) {
          continue;
        }
        ByteBuffer in = ByteBuffer.wrap(datagram.get().bytes()).order(ByteOrder.nativeOrder());
        while (in.hasRemaining()) {
          if (readOne(in, sink)) {
            return;
          }
        }
      }
    }

    private Optional<NativeSocket.Datagram> receive(long deadline) throws LinuxException {
      try {
        Optional<NativeSocket.Datagram> datagram = socket.receiveDatagram(USUAL_SIZE);
        if (datagram.isPresent()) {
          return datagram;
        }
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        if (left.isNegative() || socket.awaitReadable(left, null) == NativeSocket.Wait.TIMED_OUT) {
          throw new LinuxException(Errno.ETIMEDOUT, "receive");
        }
        return Optional.empty();
      } catch (LinuxException e) {
        throw new LinuxException(e.errno(), operation, "receive");
      }
    }

    /** Whether this was the last message of the exchange. */
    private boolean readOne(ByteBuffer in, Sink sink) throws LinuxException {
      int start = in.position();
      MessageHeader header = MessageHeader.parse(in);
      ByteBuffer payload =
          in.slice(start + MessageHeader.SIZE, header.length() - MessageHeader.SIZE)
              .order(ByteOrder.nativeOrder());
      in.position(Math.min(in.limit(), start + Attribute.aligned(header.length())));
      if (header.sequence() != mine || header.port() != port) {
        // The late answer of a request whose deadline had passed.
        return false;
      }
      interrupted |= (header.flags() & MessageHeader.DUMP_INTERRUPTED) != 0;
      switch (header.type()) {
        case MessageHeader.ERROR, MessageHeader.DONE -> {
          ErrorMessage error = ErrorMessage.parse(header, payload);
          if (error.errno() != 0) {
            throw new LinuxException(error.errno(), operation, error.text());
          }
          if (unreadable != null) {
            throw unreadable;
          }
          return true;
        }
        case MessageHeader.OVERRUN -> throw new LinuxException(Errno.ENOBUFS, operation);
        default -> {
          if (unreadable == null) {
            accept(sink, header, payload);
          }
          return false;
        }
      }
    }

    private void accept(Sink sink, MessageHeader header, ByteBuffer payload) {
      try {
        sink.accept(header, payload);
      } catch (LinuxException e) {
        unreadable = new LinuxException(e.errno(), operation, e.detail());
      }
    }
  }

  /** {@code nl_pid} of a {@code struct sockaddr_nl}; 0 is the kernel. */
  static int portOf(byte[] address) {
    return address.length < 8
        ? 0
        : ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).getInt(4);
  }
}
