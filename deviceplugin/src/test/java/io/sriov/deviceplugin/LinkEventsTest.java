package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RouteEvents;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * Made; up; with carrier; without. On the kernel's own events, in a namespace of its own; needs
 * root.
 */
class LinkEventsTest {

  @Test
  void tellsOfACarrierThatComesAndGoesAndOfNothingElse() throws Exception {
    List<Event> told = new CopyOnWriteArrayList<>();
    try (var own = NetNamespace.create();
        var route = RouteSocket.openIn(own);
        var events = RouteEvents.in(own)) {
      events.deliverTo(new LinkEvents(told::add));
      var near = route.add(new NewLink.Veth("near", "far"));
      var far = route.link("far");
      route.change(near, LinkChange.none().up(true));
      route.change(far, LinkChange.none().up(true));
      await().until(() -> route.link(near.index()).isRunning());
      await().untilAsserted(() -> assertThat(about("near", told)).isEqualTo(3));
      route.change(near, LinkChange.none().mtu(1400));
      route.change(far, LinkChange.none().up(false));
      await().untilAsserted(() -> assertThat(about("near", told)).isEqualTo(4));
    }
  }

  private static long about(String link, List<Event> told) {
    return told.stream().filter(new Event.Carrier(link)::equals).count();
  }
}
