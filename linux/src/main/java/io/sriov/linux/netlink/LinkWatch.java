package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Waits for a state of a link or its addresses by events, never by polling. Open it before the
 * change that is to be waited for. For one thread.
 */
public final class LinkWatch implements AutoCloseable {

  private final RouteEvents events;
  private final RouteSocket route;

  private LinkWatch(RouteEvents events, RouteSocket route) {
    this.events = events;
    this.route = route;
  }

  /** Watches the namespace of this process. */
  public static LinkWatch open() throws LinuxException {
    try (NetNamespace own = NetNamespace.current()) {
      return openIn(own);
    }
  }

  /** Watches {@code namespace}. */
  public static LinkWatch openIn(NetNamespace namespace) throws LinuxException {
    RouteEvents events = RouteEvents.in(namespace);
    try {
      return new LinkWatch(events, RouteSocket.openIn(namespace));
    } catch (LinuxException e) {
      events.close();
      throw e;
    }
  }

  /** The first link found to be as {@code wanted}; empty if there is none in time. */
  public Optional<Link> awaitLink(Predicate<Link> wanted, Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<Link> found = route.links().stream().filter(wanted).findFirst();
      if (found.isPresent() || !somethingHappened(deadline)) {
        return found;
      }
    }
  }

  /** The link, when it is as {@code wanted}; empty if it is not in time. ENODEV if it goes away. */
  public Optional<Link> awaitLink(int index, Predicate<Link> wanted, Duration timeout)
      throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Link link = route.link(index);
      if (wanted.test(link)) {
        return Optional.of(link);
      }
      if (!somethingHappened(deadline)) {
        return Optional.empty();
      }
    }
  }

  /**
   * Waits until duplicate address detection has ended for every address of the link, one is found
   * to be a duplicate, or the time has passed.
   *
   * @return its addresses then; see {@link LinkAddress#isTentative} and {@link
   *     LinkAddress#isDuplicate}
   */
  public List<LinkAddress> awaitAddresses(int index, Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      List<LinkAddress> addresses = route.addresses(index);
      if (addresses.stream().noneMatch(LinkAddress::isTentative)
          || addresses.stream().anyMatch(LinkAddress::isDuplicate)
          || !somethingHappened(deadline)) {
        return addresses;
      }
    }
  }

  /** Whether there is reason to look again. */
  private boolean somethingHappened(long deadline) throws LinuxException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    try {
      if (events.next(Duration.ofNanos(left)).isEmpty()) {
        return false;
      }
      // One look answers for all that has already been announced.
      while (events.next(Duration.ZERO).isPresent()) {}
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOBUFS)) {
        throw e;
      }
    }
    return true;
  }

  @Override
  public void close() {
    events.close();
    route.close();
  }
}
