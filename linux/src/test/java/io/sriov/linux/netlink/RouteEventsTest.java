package io.sriov.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.testkit.Spec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouteEventsTest {

  private static final Duration SECONDS = Duration.ofSeconds(10);

  private NetNamespace namespace;
  private RouteSocket route;

  @BeforeEach
  void makeNamespace() throws LinuxException {
    namespace = NetNamespace.create();
    route = RouteSocket.openIn(namespace);
  }

  @AfterEach
  void dropNamespace() {
    route.close();
    namespace.close();
  }

  @Test
  void tellsOfLinksComingChangingAndGoing() throws LinuxException {
    try (RouteEvents events = RouteEvents.in(namespace)) {
      Link link = route.add(new NewLink.Veth("v0", "v1"));
      route.change(link, LinkChange.none().mtu(1400));
      route.delete(link);

      assertThat(next(events, e -> e instanceof RouteEvent.LinkChanged(Link l) && is(l, 1500)))
          .isPresent();
      assertThat(next(events, e -> e instanceof RouteEvent.LinkChanged(Link l) && is(l, 1400)))
          .isPresent();
      assertThat(next(events, e -> e instanceof RouteEvent.LinkRemoved(Link l) && is(l, 1400)))
          .isPresent();
    }
  }

  private static boolean is(Link link, int mtu) {
    return link.name().equals("v0") && link.mtu() == mtu;
  }

  @Test
  @Spec("04:94")
  void theWaitForCarrierEndsWhenItComes() throws Exception {
    Link near = route.add(new NewLink.Veth("v0", "v1"));
    Link far = route.link("v1");
    route.change(near, LinkChange.none().up(true));
    try (LinkWatch watch = LinkWatch.openIn(namespace)) {
      assertThat(watch.awaitLink(near.index(), Link::isRunning, Duration.ofMillis(30))).isEmpty();
      CompletableFuture<Void> up =
          CompletableFuture.runAsync(() -> {
            try {
              route.change(far, LinkChange.none().up(true));
            } catch (LinuxException e) {
              throw new AssertionError(e);
            }
          });
      assertThat(watch.awaitLink(near.index(), Link::isRunning, SECONDS)).isPresent();
      up.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void waitsForTheEndOfDuplicateAddressDetection() throws Exception {
    Link near = route.add(new NewLink.Veth("v0", "v1"));
    route.change(near, LinkChange.none().up(true));
    route.change(route.link("v1"), LinkChange.none().up(true));
    try (LinkWatch watch = LinkWatch.openIn(namespace)) {
      route.add(LinkAddress.of(near.index(), InetAddress.getByName("2001:db8::7"), 64));
      assertThat(route.addresses(near.index())).anyMatch(LinkAddress::isTentative);

      List<LinkAddress> settled = watch.awaitAddresses(near.index(), SECONDS);

      assertThat(settled).noneMatch(LinkAddress::isTentative).noneMatch(LinkAddress::isDuplicate);
      assertThat(settled).extracting(LinkAddress::toString).contains("2001:db8:0:0:0:0:0:7/64");
    }
  }

  @Test
  void findsADuplicateAddress() throws Exception {
    try (NetNamespace other = NetNamespace.create();
        RouteSocket there = RouteSocket.openIn(other)) {
      Link near = route.add(new NewLink.Veth("v0", "v1", Optional.of(other)));
      Link far = there.link("v1");
      route.change(near, LinkChange.none().up(true));
      there.change(far, LinkChange.none().up(true));
      InetAddress same = InetAddress.getByName("2001:db8::7");
      there.add(LinkAddress.of(far.index(), same, 64).withFlags(LinkAddress.NO_DAD));
      try (LinkWatch watch = LinkWatch.openIn(namespace)) {
        route.add(LinkAddress.of(near.index(), same, 64));

        assertThat(watch.awaitAddresses(near.index(), SECONDS))
            .filteredOn(LinkAddress::isDuplicate)
            .extracting(LinkAddress::address)
            .containsExactly(same);
      }
    }
  }

  /** A look at the report sees what was lost, and what comes after the look is told. */
  @Test
  void reportsLostEventsWhenNoMoreAreLost() throws Exception {
    CountDownLatch changedAfterwards = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    try (RouteEvents events = RouteEvents.in(namespace)) {
      Link link = route.add(new NewLink.Veth("v0", "v1"));
      events.deliverTo(
          new RouteEvents.Listener() {
            @Override
            public void event(RouteEvent event) {
              try {
                assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              if (event instanceof RouteEvent.LinkChanged(Link changed) && changed.mtu() == 1300) {
                changedAfterwards.countDown();
              }
            }

            @Override
            public void overrun() {
              try {
                route.change(link, LinkChange.none().mtu(1300));
              } catch (LinuxException e) {
                throw new AssertionError(e);
              }
            }

            @Override
            public void failed(LinuxException reason) {
              throw new AssertionError(reason);
            }
          });
      // Each event holds about 2 KiB of the receive buffer of 8 MiB, which the kernel doubled.
      for (int i = 0; i < 8000; i++) {
        route.change(link, LinkChange.none().mtu(1400 + i % 2));
      }
      blocked.countDown();
      assertThat(changedAfterwards.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static Optional<RouteEvent> next(
      RouteEvents events, java.util.function.Predicate<RouteEvent> wanted) throws LinuxException {
    while (true) {
      Optional<RouteEvent> event = events.next(SECONDS);
      if (event.isEmpty() || wanted.test(event.get())) {
        return event;
      }
    }
  }
}
