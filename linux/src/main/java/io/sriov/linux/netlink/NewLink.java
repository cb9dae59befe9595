package io.sriov.linux.netlink;

import io.sriov.linux.netns.NetNamespace;
import java.util.Optional;

/** A software link to be made by RTM_NEWLINK. */
public sealed interface NewLink {

  /** 1–15 bytes. */
  String name();

  /** A pair of links; the peer may be born in another namespace. */
  record Veth(String name, String peerName, Optional<NetNamespace> peerNamespace)
      implements NewLink {

    /** Both ends in one namespace. */
    public Veth(String name, String peerName) {
      this(name, peerName, Optional.empty());
    }
  }

  /** A link that swallows what is sent; the module may be absent (EOPNOTSUPP). */
  record Dummy(String name) implements NewLink {}

  /** A software switch. */
  record Bridge(String name) implements NewLink {}

  /** An intermediate functional block. */
  record Ifb(String name) implements NewLink {}

  /** A child with an address of its own on the link {@code parent}, in bridge mode. */
  record Macvlan(String name, int parent) implements NewLink {}
}
