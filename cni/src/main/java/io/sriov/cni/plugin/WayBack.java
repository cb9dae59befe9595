package io.sriov.cni.plugin;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.PciBus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The way of a VF's netdev back to the host, from wherever it is. */
public final class WayBack {

  private static final Duration REAPPEAR_PAUSE = Duration.ofMillis(20);

  private final NetNamespace host;
  private final RouteSocket links;
  private final PciBus bus;
  private final VfHardware hardware;
  private final Moves moves;
  private final Duration settleTimeout;
  private final CallLog log;

  /**
   * The way to a host.
   *
   * @param links of the host
   * @param settleTimeout longest wait for a netdev to come back from a namespace that is gone, and
   *     to take an address
   */
  public WayBack(
      NetNamespace host,
      RouteSocket links,
      PciBus bus,
      VfHardware hardware,
      Moves moves,
      Duration settleTimeout,
      CallLog log) {
    this.host = host;
    this.links = links;
    this.bus = bus;
    this.hardware = hardware;
    this.moves = moves;
    this.settleTimeout = settleTimeout;
    this.log = log;
  }

  /** Where a netdev is in the end. */
  public sealed interface Whereabouts {
    /** On the host, under whatever name. */
    record Home(Link link) implements Whereabouts {}

    /** The pod's namespace is gone for us, but something keeps the netdev in it. */
    record OutOfReach() implements Whereabouts {}

    /** Somebody took the driver from the VF, and the netdev with it. */
    record Driverless() implements Whereabouts {}

    /** Neither in the pod nor on the host. */
    record Lost() implements Whereabouts {}
  }

  /**
   * Brings the netdev to the host if it is not there.
   *
   * @param found how it was on the host
   * @param resembles whether a link may be it, for kernels that do not tell
   * @param pod its namespace, empty if that is gone
   * @param podIndex its number there when it came, 0 if that is not known
   */
  public Whereabouts bring(
      Vf vf, FoundNetdev found, Predicate<Link> resembles, Optional<Pod> pod, int podIndex)
      throws LinuxException {
    if (pod.isPresent()) {
      Optional<Link> moved = fromPod(vf, found, resembles, pod.get(), podIndex);
      if (moved.isPresent()) {
        return new Whereabouts.Home(moved.get());
      }
    }
    Optional<Link> onHost = onHost(vf);
    if (onHost.isEmpty() && pod.isEmpty()) {
      // The kernel takes namespaces down in the background and then gives their devices back.
      onHost = awaitOnHost(vf, settleTimeout);
    }
    if (onHost.isPresent()) {
      return new Whereabouts.Home(onHost.get());
    }
    if (pod.isEmpty()) {
      log.warn(
          "the netdev of VF {} is not on the host: something keeps its pod's namespace alive",
          vf.address());
      return new Whereabouts.OutOfReach();
    }
    if (bus.device(vf.address()).driver().isEmpty()) {
      log.warn("VF {} has no driver and so no netdev to bring back", vf.address());
      return new Whereabouts.Driverless();
    }
    return new Whereabouts.Lost();
  }

  /** The netdev on the host, if it was in the pod. */
  public Optional<Link> fromPod(
      Vf vf, FoundNetdev found, Predicate<Link> resembles, Pod pod, int podIndex)
      throws LinuxException {
    Optional<Link> inPod = pod.netdevOf(hardware, vf.address(), resembles, podIndex);
    return inPod.isEmpty()
        ? Optional.empty()
        : Optional.of(move(vf, found, resembles, pod, inPod.get()));
  }

  /** The netdev of a VF as soon as it is on the host, empty if it does not come in time. */
  public Optional<Link> awaitOnHost(Vf vf, Duration limit) throws LinuxException {
    boolean unused = Retry.within(limit, REAPPEAR_PAUSE, () -> onHost(vf).isPresent());
    return onHost(vf);
  }

  private Optional<Link> onHost(Vf vf) throws LinuxException {
    Optional<String> name = vf.netdev(bus);
    return name.isEmpty() ? Optional.empty() : links.findLink(name.get());
  }

  /** The name is not looked up before: every question waits behind the moves of others. */
  private Link move(Vf vf, FoundNetdev found, Predicate<Link> resembles, Pod pod, Link inPod)
      throws LinuxException {
    if (pod.netns().sameAs(host)) {
      return inPod;
    }
    String name = found.name().isEmpty() ? freeName(inPod) : found.name();
    try {
      LinkChange move = LinkChange.none().moveTo(host).name(name);
      moves.make(() -> pod.links().change(inPod, move));
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      Optional<Link> moved = Pod.netdevAmong(links.links(), hardware, vf.address(), resembles);
      name = freeName(inPod);
      log.warn(
          "VF {} cannot have its name {} back, which another link has: it becomes {}",
          vf.address(),
          found.name(),
          name);
      // The move is made all the same, unless its name in the pod is taken, too.
      if (moved.isPresent()) {
        links.change(moved.get(), LinkChange.none().name(name));
      } else {
        pod.links().change(inPod, LinkChange.none().moveTo(host).name(name));
      }
    }
    return links.link(name);
  }

  /** A name that the kernel itself would choose. */
  private String freeName(Link link) throws LinuxException {
    int number = link.index();
    while (links.findLink("dev" + number).isPresent()) {
      number++;
    }
    return "dev" + number;
  }

  /**
   * Makes a netdev on the host as it was found.
   *
   * @return what failed; the rest is done
   */
  public List<String> settle(Link link, FoundNetdev found) {
    List<String> failures = new ArrayList<>();
    for (NetdevChange change : found.changes(link)) {
      try {
        settle(link, change);
      } catch (LinuxException e) {
        failures.add(String.valueOf(e.getMessage()));
      }
    }
    return failures;
  }

  private void settle(Link link, NetdevChange change) throws LinuxException {
    switch (change) {
      case NetdevChange.Down() -> links.change(link, LinkChange.none().up(false));
      case NetdevChange.Rename(String name) -> {
        if (links.findLink(name).filter(other -> other.index() != link.index()).isEmpty()) {
          links.rename(link, name);
        }
      }
      case NetdevChange.Address(var address) -> {
        boolean unused =
            Retry.within(
                settleTimeout,
                () -> {
                  links.change(link, LinkChange.none().address(address));
                  return links.link(link.index()).mac().equals(address);
                });
      }
      case NetdevChange.Mtu(int bytes) -> links.change(link, LinkChange.none().mtu(bytes));
      case NetdevChange.AddAltName(String name) -> {
        if (links.findLink(name).isEmpty()) {
          links.addAltName(link, name);
        }
      }
      case NetdevChange.Up() -> links.change(link, LinkChange.none().up(true));
    }
  }
}
