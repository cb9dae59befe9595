package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Links, addresses and routes of one network namespace (NETLINK_ROUTE). Safe for many threads.
 * Errors name message, change and link, and carry the kernel's explanation.
 */
public final class RouteSocket implements AutoCloseable {

  /** Longest name that fits IFLA_IFNAME; longer ones can only be alternative names. */
  private static final int MAX_NAME = 15;

  private final NetlinkSocket socket;

  private RouteSocket(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** A socket in the namespace of this process. */
  public static RouteSocket open() throws LinuxException {
    return open(null);
  }

  /** A socket in another namespace; it stays there and may outlive {@code namespace}. */
  public static RouteSocket openIn(NetNamespace namespace) throws LinuxException {
    return open(namespace);
  }

  private static RouteSocket open(@Nullable NetNamespace namespace) throws LinuxException {
    return new RouteSocket(
        NetlinkSocket.open(RouteMessage.PROTOCOL, "rtnetlink socket", namespace));
  }

  /**
   * Whether this is a socket of {@code namespace}.
   *
   * @throws LinuxException ENOPROTOOPT before Linux 5.14, which cannot tell
   */
  public boolean isIn(NetNamespace namespace) throws LinuxException {
    return socket.namespaceCookie() == namespace.cookie();
  }

  /** Every link with its VFs, in one dump, ordered by index. */
  public List<Link> links() throws LinuxException {
    MessageWriter request = new MessageWriter(RouteMessage.GETLINK, MessageHeader.DUMP);
    new LinkHeader(0, 0, 0, 0).pack(request.room(LinkHeader.SIZE));
    request.u32(LinkAttribute.EXT_MASK, LinkAttribute.FILTER_VF_SKIP_STATS);
    return socket.dump(
        request,
        "RTM_GETLINK of all links",
        (header, payload) ->
            header.type() == RouteMessage.NEWLINK
                ? Optional.of(Link.parse(payload))
                : Optional.empty());
  }

  /** The link with this name or alternative name; ENODEV if there is none. */
  public Link link(String name) throws LinuxException {
    boolean fits = name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME;
    MessageWriter request = getLink(0);
    request.text(fits ? LinkAttribute.IFNAME : LinkAttribute.ALT_IFNAME, name);
    return socket.get(request, "RTM_GETLINK " + name, (_, payload) -> Link.parse(payload));
  }

  /** The link with this index; ENODEV if there is none. */
  public Link link(int index) throws LinuxException {
    return socket.get(
        getLink(index), "RTM_GETLINK index " + index, (_, payload) -> Link.parse(payload));
  }

  /** The link with this name or alternative name, if there is one. */
  public Optional<Link> findLink(String name) throws LinuxException {
    try {
      return Optional.of(link(name));
    } catch (LinuxException e) {
      return ifAbsent(e);
    }
  }

  /** The link with this index, if there is one. */
  public Optional<Link> findLink(int index) throws LinuxException {
    try {
      return Optional.of(link(index));
    } catch (LinuxException e) {
      return ifAbsent(e);
    }
  }

  /** Applies changes to a link in one message. */
  public void change(int index, LinkChange change) throws LinuxException {
    socket.change(change.pack(index), "RTM_SETLINK " + change + " on link " + index);
  }

  /** As {@link #change(int, LinkChange)}; the error names the link. */
  public void change(Link link, LinkChange change) throws LinuxException {
    socket.change(change.pack(link.index()), "RTM_SETLINK " + change + " on " + link.name());
  }

  /** Adds an alternative name, up to 127 bytes. EEXIST if any link of the namespace has it. */
  public void addAltName(Link link, String altName) throws LinuxException {
    MessageWriter request =
        altName(
            RouteMessage.NEWLINKPROP,
            MessageHeader.CREATE | MessageHeader.EXCL | MessageHeader.APPEND,
            link,
            altName);
    socket.change(request, "RTM_NEWLINKPROP altname " + altName + " on " + link.name());
  }

  /** Removes an alternative name. */
  public void removeAltName(Link link, String altName) throws LinuxException {
    MessageWriter request = altName(RouteMessage.DELLINKPROP, 0, link, altName);
    socket.change(request, "RTM_DELLINKPROP altname " + altName + " on " + link.name());
  }

  /**
   * Renames a link. What was its alternative name so far, as udev gives one to a netdev that was
   * renamed, may become its name. EEXIST if another link of the namespace has it.
   */
  public void rename(Link link, String name) throws LinuxException {
    if (findLink(name)
        .filter(holder -> holder.index() == link.index() && !holder.name().equals(name))
        .isPresent()) {
      removeAltName(link, name);
    }
    change(link, LinkChange.none().name(name));
  }

  /** Makes one setting of a VF through its PF. */
  public void setVf(Link pf, int vf, VfChange change) throws LinuxException {
    setVf(pf, vf, List.of(change));
  }

  /** Makes settings of a VF in one message, in order; the first refused one ends it. */
  public void setVf(Link pf, int vf, List<VfChange> changes) throws LinuxException {
    socket.change(
        VfMessage.pack(pf.index(), vf, changes),
        "RTM_SETLINK vf %d %s on %s".formatted(vf, changes, pf.name()));
  }

  /**
   * Makes one setting for each of several VFs in one message, ascending; the first refused one ends
   * it. The kernel is asked once instead of once for each, and nobody else, e.g. udev, gets its
   * turn in between.
   *
   * @param pf name, at most 15 bytes
   */
  public void setVfs(String pf, SortedMap<Integer, ? extends VfChange> changes)
      throws LinuxException {
    socket.change(VfMessage.pack(pf, changes), "RTM_SETLINK vfs %s on %s".formatted(changes, pf));
  }

  /** Makes a software link. */
  public Link add(NewLink link) throws LinuxException {
    socket.change(
        NewLinkMessage.pack(link),
        "RTM_NEWLINK " + link.getClass().getSimpleName() + " " + link.name());
    return link(link.name());
  }

  /** Deletes a software link. */
  public void delete(Link link) throws LinuxException {
    MessageWriter request = new MessageWriter(RouteMessage.DELLINK, MessageHeader.ACK);
    new LinkHeader(0, link.index(), 0, 0).pack(request.room(LinkHeader.SIZE));
    socket.change(request, "RTM_DELLINK " + link.name());
  }

  /** Addresses of all links. */
  public List<LinkAddress> addresses() throws LinuxException {
    return addresses(0);
  }

  /** Addresses of one link, IPv4 first. */
  public List<LinkAddress> addresses(int link) throws LinuxException {
    MessageWriter request = new MessageWriter(RouteMessage.GETADDR, MessageHeader.DUMP);
    request.room(LinkAddress.HEADER_SIZE).putInt(0).putInt(link);
    return socket.dump(
        request,
        "RTM_GETADDR of link " + link,
        (header, payload) -> {
          if (header.type() != RouteMessage.NEWADDR) {
            return Optional.empty();
          }
          LinkAddress address = LinkAddress.parse(payload);
          return link == 0 || address.link() == link ? Optional.of(address) : Optional.empty();
        });
  }

  /** Adds an address; EEXIST if the link has it. */
  public void add(LinkAddress address) throws LinuxException {
    socket.change(
        address.pack(RouteMessage.NEWADDR, MessageHeader.CREATE | MessageHeader.EXCL),
        "RTM_NEWADDR " + address + " on link " + address.link());
  }

  /** Removes an address; EADDRNOTAVAIL if the link does not have it. */
  public void delete(LinkAddress address) throws LinuxException {
    socket.change(
        address.pack(RouteMessage.DELADDR, 0),
        "RTM_DELADDR " + address + " on link " + address.link());
  }

  /** Unicast routes with one next hop, of every table. */
  public List<Route> routes() throws LinuxException {
    MessageWriter request = new MessageWriter(RouteMessage.GETROUTE, MessageHeader.DUMP);
    request.room(12).putLong(0).putInt(0);
    return socket.dump(
        request,
        "RTM_GETROUTE",
        (header, payload) ->
            header.type() == RouteMessage.NEWROUTE ? Route.parse(payload) : Optional.empty());
  }

  /** Adds a route; an equal one beside others of the same destination is kept (NLM_F_CREATE). */
  public void add(Route route) throws LinuxException {
    socket.change(route.pack(RouteMessage.NEWROUTE, MessageHeader.CREATE), "RTM_NEWROUTE " + route);
  }

  /** Removes a route; ESRCH if there is none like it. */
  public void delete(Route route) throws LinuxException {
    socket.change(route.pack(RouteMessage.DELROUTE, 0), "RTM_DELROUTE " + route);
  }

  @Override
  public void close() {
    socket.close();
  }

  /** One link with its VFs, without their counters: those cost a question to the card for each. */
  static MessageWriter getLink(int index) {
    MessageWriter request = new MessageWriter(RouteMessage.GETLINK, MessageHeader.ACK);
    new LinkHeader(0, index, 0, 0).pack(request.room(LinkHeader.SIZE));
    return request.u32(LinkAttribute.EXT_MASK, LinkAttribute.FILTER_VF_SKIP_STATS);
  }

  private static MessageWriter altName(int type, int modifiers, Link link, String altName) {
    MessageWriter request = new MessageWriter(type, modifiers | MessageHeader.ACK);
    new LinkHeader(0, link.index(), 0, 0).pack(request.room(LinkHeader.SIZE));
    int list = request.startNest(LinkAttribute.PROP_LIST | Attribute.NESTED);
    return request.text(LinkAttribute.ALT_IFNAME, altName).endNest(list);
  }

  private static Optional<Link> ifAbsent(LinuxException e) throws LinuxException {
    if (e.is(Errno.ENODEV)) {
      return Optional.empty();
    }
    throw e;
  }
}
