package io.sriov.linux.uevent;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.MulticastSocket;
import java.time.Duration;
import java.util.Optional;

/**
 * Device events of the kernel (NETLINK_KOBJECT_UEVENT, group 1), before udev has handled them. One
 * thread reads, any thread may close. {@link #next} blocks in the kernel: call it on a platform
 * thread. Events of network links reach only sockets of the link's own namespace.
 */
public final class UeventSocket implements AutoCloseable {

  private static final int NETLINK_KOBJECT_UEVENT = 15;
  private static final int KERNEL_GROUP = 1;

  private final MulticastSocket socket;

  private UeventSocket(MulticastSocket socket) {
    this.socket = socket;
  }

  /** Receives the events of a process. */
  public interface Listener {

    /** One event, in order. */
    void event(Uevent event);

    /** Events were lost: look at everything again. */
    void overrun();

    /** The socket failed; nothing follows. */
    void failed(LinuxException reason);
  }

  /** Subscribes in the namespace of this process; what happens from now on is delivered. */
  public static UeventSocket open() throws LinuxException {
    return new UeventSocket(
        MulticastSocket.open(NETLINK_KOBJECT_UEVENT, KERNEL_GROUP, "uevent socket", null));
  }

  /**
   * The next event; empty after the time has passed or {@link #close()}.
   *
   * @throws LinuxException ENOBUFS if events were lost; reading may go on
   */
  public Optional<Uevent> next(Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      Optional<byte[]> datagram = socket.next(left);
      if (datagram.isEmpty()) {
        return Optional.empty();
      }
      Optional<Uevent> event = Uevent.parse(datagram.get());
      if (event.isPresent()) {
        return event;
      }
    }
  }

  /** Hands every event to {@code listener} on a thread of its own until {@link #close()}. */
  public void deliverTo(Listener listener) {
    Thread unused = Thread.ofPlatform().name("uevents").daemon().start(() -> deliver(listener));
  }

  private void deliver(Listener listener) {
    while (!socket.isClosed()) {
      try {
        next(Duration.ofHours(1)).ifPresent(listener::event);
      } catch (LinuxException e) {
        if (e.is(Errno.ENOBUFS)) {
          listener.overrun();
        } else {
          listener.failed(e);
          return;
        }
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
