package io.sriov.deviceplugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteEvent;
import io.sriov.linux.netlink.RouteEvents;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of links whose carrier came or went, which no device event does. */
final class LinkEvents implements RouteEvents.Listener {

  private static final Logger log = LoggerFactory.getLogger(LinkEvents.class);

  private final Consumer<Event> events;

  /** By index; links announce themselves for many other reasons. */
  private final Map<Integer, State> states = new HashMap<>();

  private record State(boolean up, boolean running) {}

  LinkEvents(Consumer<Event> events) {
    this.events = events;
  }

  @Override
  public void event(RouteEvent event) {
    switch (event) {
      case RouteEvent.LinkChanged(Link link) -> {
        var state = new State(link.isUp(), link.isRunning());
        if (!state.equals(states.put(link.index(), state))) {
          events.accept(new Event.Carrier(link.name()));
        }
      }
      case RouteEvent.LinkRemoved(Link link) -> states.remove(link.index());
      case RouteEvent.AddressChanged _, RouteEvent.AddressRemoved _ -> {}
    }
  }

  @Override
  public void overrun() {
    log.warn("Link events were lost; looking at every PCI function again");
    events.accept(new Event.AnyFunction());
  }

  @Override
  public void failed(LinuxException reason) {
    log.error("Link events end: {}", reason.getMessage());
    events.accept(new Event.Stop(1));
  }
}
