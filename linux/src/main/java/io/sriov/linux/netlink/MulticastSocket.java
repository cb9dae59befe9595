package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.ffm.Waker;
import io.sriov.linux.netns.NetNamespace;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Receives what the kernel announces to groups of a netlink family. One thread reads, any thread
 * may close.
 */
public final class MulticastSocket implements AutoCloseable {

  private static final int SO_RCVBUFFORCE = 33;
  private static final int USUAL_SIZE = 16 * 1024;

  /** A thousand VFs appear at once on a large node: more than the usual 208 KiB would hold. */
  private static final int RECEIVE_BUFFER = 4 * 1024 * 1024;

  private final NativeSocket socket;
  private final Waker waker;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile boolean closed;

  /** The kernel dropped messages, and goes on to until all it has queued are taken. */
  private boolean overrun;

  private MulticastSocket(NativeSocket socket, Waker waker) {
    this.socket = socket;
    this.waker = waker;
  }

  /**
   * Subscribes; what happens from now on is delivered.
   *
   * @param protocol {@code NETLINK_*}
   * @param groups groups 1 to 32 as bits 0 to 31
   * @param namespace where to open it; null for the caller's
   */
  public static MulticastSocket open(
      int protocol, int groups, String name, @Nullable NetNamespace namespace)
      throws LinuxException {
    NativeSocket socket = NetlinkSocket.openNative(protocol, name, namespace);
    try {
      enlarge(socket);
      socket.bind(NetlinkSocket.address(0, groups));
      return new MulticastSocket(socket, Waker.open());
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * The next message of the kernel; empty after the time has passed or {@link #close()}.
   *
   * @throws LinuxException ENOBUFS if messages were lost, after what came before them: look at
   *     everything again
   */
  public Optional<byte[]> next(Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    reading.lock();
    try {
      while (!closed) {
        Optional<NativeSocket.Datagram> datagram = receive();
        if (datagram.isPresent()) {
          if (NetlinkSocket.portOf(datagram.get().from()) == 0) {
            return Optional.of(datagram.get().bytes());
          }
          // Other processes may send to a group, too.
          continue;
        }
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        if (left.isNegative() || socket.awaitReadable(left, waker) != NativeSocket.Wait.READY) {
          return Optional.empty();
        }
      }
      return Optional.empty();
    } finally {
      reading.unlock();
    }
  }

  /**
   * The kernel reports a loss once, ahead of what is queued, and loses everything else until the
   * queue is empty (netlink_overrun and netlink_rcv_wake in net/netlink/af_netlink.c). Who looks
   * again before that would miss what is lost meanwhile.
   */
  private Optional<NativeSocket.Datagram> receive() throws LinuxException {
    while (true) {
      try {
        var datagram = socket.receiveDatagram(USUAL_SIZE);
        if (datagram.isPresent() || !overrun) {
          return datagram;
        }
      } catch (LinuxException e) {
        if (!e.is(Errno.ENOBUFS)) {
          throw e;
        }
        overrun = true;
        continue;
      }
      overrun = false;
      throw new LinuxException(Errno.ENOBUFS, "receive on " + socket);
    }
  }

  /** Whether {@link #close()} was called. */
  public boolean isClosed() {
    return closed;
  }

  /** Ends a waiting {@link #next}, then closes. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      waker.wake();
    } catch (LinuxException e) {
      throw new AssertionError(e);
    }
    reading.lock();
    try {
      socket.close();
      waker.close();
    } finally {
      reading.unlock();
    }
  }

  /** Without CAP_NET_ADMIN the usual size must do: overruns are reported anyway. */
  private static void enlarge(NativeSocket socket) throws LinuxException {
    try {
      socket.setOption(NativeSocket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER, "receive buffer");
    } catch (LinuxException e) {
      if (!e.is(Errno.EPERM)) {
        throw e;
      }
    }
  }
}
