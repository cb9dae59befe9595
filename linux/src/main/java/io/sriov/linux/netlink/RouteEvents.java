package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Events of links and addresses of one namespace (RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
 * RTNLGRP_IPV6_IFADDR). One thread reads, any thread may close. {@link #next} blocks in the kernel:
 * call it on a platform thread.
 */
public final class RouteEvents implements AutoCloseable {

  private static final int LINKS = 1;
  private static final int ADDRESSES = 1 << 4 | 1 << 8;

  private final MulticastSocket socket;
  private final Queue<RouteEvent> pending = new ArrayDeque<>();

  private RouteEvents(MulticastSocket socket) {
    this.socket = socket;
  }

  /** Receives the events of a process. */
  public interface Listener {

    /** One event, in order. */
    void event(RouteEvent event);

    /** Events were lost: read everything again. */
    void overrun();

    /** The socket failed; nothing follows. */
    void failed(LinuxException reason);
  }

  /** Events of the links of this process's namespace. */
  public static RouteEvents ofLinks() throws LinuxException {
    return open(LINKS, null);
  }

  /** Events of links and addresses of {@code namespace}. */
  public static RouteEvents in(NetNamespace namespace) throws LinuxException {
    return open(LINKS | ADDRESSES, namespace);
  }

  private static RouteEvents open(int groups, @Nullable NetNamespace namespace)
      throws LinuxException {
    return new RouteEvents(
        MulticastSocket.open(RouteMessage.PROTOCOL, groups, "rtnetlink event socket", namespace));
  }

  /**
   * The next event; empty after the time has passed or {@link #close()}.
   *
   * @throws LinuxException ENOBUFS if events were lost; reading may go on
   */
  public Optional<RouteEvent> next(Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (pending.isEmpty()) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      Optional<byte[]> datagram = socket.next(left);
      if (datagram.isEmpty()) {
        return Optional.empty();
      }
      parse(ByteBuffer.wrap(datagram.get()).order(ByteOrder.nativeOrder()), pending);
    }
    return Optional.of(pending.remove());
  }

  /** Hands every event to {@code listener} on a thread of its own until {@link #close()}. */
  public void deliverTo(Listener listener) {
    Thread unused =
        Thread.ofPlatform().name("route-events").daemon().start(() -> deliver(listener));
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

  static void parse(ByteBuffer in, Queue<RouteEvent> into) throws LinuxException {
    while (in.hasRemaining()) {
      int start = in.position();
      MessageHeader header = MessageHeader.parse(in);
      ByteBuffer payload =
          in.slice(start + MessageHeader.SIZE, header.length() - MessageHeader.SIZE)
              .order(ByteOrder.nativeOrder());
      in.position(Math.min(in.limit(), start + Attribute.aligned(header.length())));
      switch (header.type()) {
        case RouteMessage.NEWLINK -> into.add(new RouteEvent.LinkChanged(Link.parse(payload)));
        case RouteMessage.DELLINK -> into.add(new RouteEvent.LinkRemoved(Link.parse(payload)));
        case RouteMessage.NEWADDR ->
            into.add(new RouteEvent.AddressChanged(LinkAddress.parse(payload)));
        case RouteMessage.DELADDR ->
            into.add(new RouteEvent.AddressRemoved(LinkAddress.parse(payload)));
        default -> {}
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
