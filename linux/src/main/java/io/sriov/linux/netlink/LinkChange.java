package io.sriov.linux.netlink;

import io.sriov.linux.netns.NetNamespace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a link sent as one RTM_SETLINK. The kernel applies them in its own order (namespace,
 * address, MTU, name, flags) and stops at the first it refuses, keeping what is done: a move
 * together with a name that is taken in the target ends there with EEXIST under the old name.
 */
public final class LinkChange {

  private @Nullable Boolean up;
  private @Nullable Integer mtu;
  private @Nullable HardwareAddress address;
  private @Nullable String name;
  private @Nullable NetNamespace namespace;
  private @Nullable Integer master;
  private final List<String> words = new ArrayList<>();

  private LinkChange() {}

  /** No change yet. */
  public static LinkChange none() {
    return new LinkChange();
  }

  /** Administrative state. */
  public LinkChange up(boolean value) {
    up = value;
    words.add(value ? "up" : "down");
    return this;
  }

  /** MTU in bytes. */
  public LinkChange mtu(int bytes) {
    mtu = bytes;
    words.add("mtu " + bytes);
    return this;
  }

  /** Link-layer address. */
  public LinkChange address(HardwareAddress value) {
    address = value;
    words.add("address " + value);
    return this;
  }

  /** New name, 1–15 bytes. */
  public LinkChange name(String value) {
    name = value;
    words.add("name " + value);
    return this;
  }

  /** Namespace to move to; implies going down. */
  public LinkChange moveTo(NetNamespace target) {
    namespace = target;
    words.add("move to " + target);
    return this;
  }

  /** Index of the bridge or bond to join, 0 to leave. */
  public LinkChange master(int index) {
    master = index;
    words.add(index == 0 ? "leave master" : "master " + index);
    return this;
  }

  /** What it does, e.g. {@code mtu 9000, up}. */
  @Override
  public String toString() {
    return String.join(", ", words);
  }

  MessageWriter pack(int index) {
    MessageWriter out = new MessageWriter(RouteMessage.SETLINK, MessageHeader.ACK);
    boolean flags = up != null;
    new LinkHeader(0, index, Boolean.TRUE.equals(up) ? 1 : 0, flags ? 1 : 0)
        .pack(out.room(LinkHeader.SIZE));
    if (namespace != null) {
      out.u32(LinkAttribute.NET_NS_FD, namespace.fd().number());
    }
    if (name != null) {
      out.text(LinkAttribute.IFNAME, name);
    }
    if (address != null) {
      out.bytes(LinkAttribute.ADDRESS, address.bytes());
    }
    if (mtu != null) {
      out.u32(LinkAttribute.MTU, mtu);
    }
    if (master != null) {
      out.u32(LinkAttribute.MASTER, master);
    }
    return out;
  }
}
