package io.sriov.node.host;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteEvent;
import io.sriov.linux.netlink.RouteEvents;
import io.sriov.linux.uevent.Uevent;
import io.sriov.linux.uevent.UeventSocket;
import java.util.function.Consumer;

/** Listens to the kernel and tells who waits, and the loop if a card may be concerned. */
public final class KernelFeed implements AutoCloseable {

  private final UeventSocket uevents;
  private final RouteEvents links;

  private KernelFeed(UeventSocket uevents, RouteEvents links) {
    this.uevents = uevents;
    this.links = links;
  }

  /**
   * Starts to listen.
   *
   * @param waiting whom every event concerns
   * @param cards run for events of PCI devices and of the netdevs of hardware
   * @param broken told when the kernel delivers no more events
   */
  public static KernelFeed start(
      KernelEvents waiting, Runnable cards, Consumer<LinuxException> broken) throws LinuxException {
    UeventSocket uevents = UeventSocket.open();
    RouteEvents links;
    try {
      links = RouteEvents.ofLinks();
    } catch (LinuxException e) {
      uevents.close();
      throw e;
    }
    uevents.deliverTo(
        new UeventSocket.Listener() {
          @Override
          public void event(Uevent event) {
            if (ofCard(event)) {
              waiting.signal();
              cards.run();
            }
          }

          @Override
          public void overrun() {
            waiting.signal();
            cards.run();
          }

          @Override
          public void failed(LinuxException reason) {
            broken.accept(reason);
          }
        });
    links.deliverTo(
        new RouteEvents.Listener() {
          @Override
          public void event(RouteEvent event) {
            if (ofHardware(event)) {
              waiting.signal();
              cards.run();
            }
          }

          @Override
          public void overrun() {
            waiting.signal();
            cards.run();
          }

          @Override
          public void failed(LinuxException reason) {
            broken.accept(reason);
          }
        });
    return new KernelFeed(uevents, links);
  }

  /** The devices of pods, such as veth, come and go all the time and are none of our business. */
  static boolean ofCard(Uevent event) {
    return switch (event.subsystem()) {
      case "pci", "vdpa", "infiniband" -> true;
      case "net" -> event.devpath().startsWith("/devices/pci");
      default -> false;
    };
  }

  static boolean ofHardware(RouteEvent event) {
    return switch (event) {
      case RouteEvent.LinkChanged changed -> ofHardware(changed.link());
      case RouteEvent.LinkRemoved removed -> ofHardware(removed.link());
      case RouteEvent.AddressChanged _, RouteEvent.AddressRemoved _ -> false;
    };
  }

  private static boolean ofHardware(Link link) {
    return link.kind().isEmpty() && link.type() != Link.LOOPBACK;
  }

  @Override
  public void close() {
    uevents.close();
    links.close();
  }
}
