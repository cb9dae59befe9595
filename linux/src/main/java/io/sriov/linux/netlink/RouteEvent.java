package io.sriov.linux.netlink;

/** Something that happened to links or addresses of a namespace. */
public sealed interface RouteEvent {

  /**
   * A link appeared or changed. The kernel leaves the VFs out of announcements: {@link Link#vfs()}
   * is empty and {@link Link#numVfs()} 0.
   */
  record LinkChanged(Link link) implements RouteEvent {}

  /** A link went away or to another namespace. */
  record LinkRemoved(Link link) implements RouteEvent {}

  /** An address appeared or changed, e.g. is no longer tentative. */
  record AddressChanged(LinkAddress address) implements RouteEvent {}

  /** An address went away. */
  record AddressRemoved(LinkAddress address) implements RouteEvent {}
}
