package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A unicast route with one next hop. {@code struct rtmsg} from linux/rtnetlink.h: rtm_family,
 * rtm_dst_len, rtm_src_len, rtm_tos, rtm_table, rtm_protocol, rtm_scope, rtm_type (u8 each),
 * rtm_flags (u32).
 *
 * @param destination network address; {@code 0.0.0.0} or {@code ::} with length 0 is the default
 * @param prefixLength bits
 * @param gateway next hop; empty means on-link
 * @param link index of the outgoing link, 0 to let the kernel choose
 * @param source preferred source address
 * @param priority metric, 0 for the kernel's default
 * @param table 254 is main; values above 255 are allowed
 * @param scope {@code RT_SCOPE_*}: 0 global, 253 link, 254 host
 * @param protocol {@code RTPROT_*} of the owner: 2 kernel, 3 boot, 4 static
 * @param onLink pretend the gateway is reachable on the link even if no address covers it
 * @param mtu bytes, 0 for the link's
 * @param advertisedMss bytes, 0 for the kernel's
 */
public record Route(
    InetAddress destination,
    int prefixLength,
    Optional<InetAddress> gateway,
    int link,
    Optional<InetAddress> source,
    int priority,
    int table,
    int scope,
    int protocol,
    boolean onLink,
    int mtu,
    int advertisedMss) {

  /** {@code RT_TABLE_MAIN}. */
  public static final int MAIN_TABLE = 254;

  /** {@code RT_SCOPE_LINK}. */
  public static final int SCOPE_LINK = 253;

  private static final int HEADER_SIZE = 12;
  private static final int PROTOCOL_BOOT = 3;
  private static final int TYPE_UNICAST = 1;
  private static final int FLAG_ONLINK = 4;

  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_METRICS = 8;
  private static final int RTA_TABLE = 15;
  private static final int RTAX_MTU = 2;
  private static final int RTAX_ADVMSS = 8;

  /** A route of the main table, global scope, to {@code destination} by a link. */
  public static Route to(InetAddress destination, int prefixLength, int link) {
    return new Route(
        destination,
        prefixLength,
        Optional.empty(),
        link,
        Optional.empty(),
        0,
        MAIN_TABLE,
        0,
        PROTOCOL_BOOT,
        false,
        0,
        0);
  }

  /** The same by a gateway. */
  public Route via(InetAddress nextHop) {
    return new Route(
        destination,
        prefixLength,
        Optional.of(nextHop),
        link,
        source,
        priority,
        table,
        scope,
        protocol,
        onLink,
        mtu,
        advertisedMss);
  }

  /** The same with the gateway taken as reachable on the link. */
  public Route withOnLink() {
    return new Route(
        destination,
        prefixLength,
        gateway,
        link,
        source,
        priority,
        table,
        scope,
        protocol,
        true,
        mtu,
        advertisedMss);
  }

  /** The same in another scope. */
  public Route withScope(int newScope) {
    return new Route(
        destination,
        prefixLength,
        gateway,
        link,
        source,
        priority,
        table,
        newScope,
        protocol,
        onLink,
        mtu,
        advertisedMss);
  }

  /** The same in another table. */
  public Route withTable(int newTable) {
    return new Route(
        destination,
        prefixLength,
        gateway,
        link,
        source,
        priority,
        newTable,
        scope,
        protocol,
        onLink,
        mtu,
        advertisedMss);
  }

  /** The same with another metric. */
  public Route withPriority(int newPriority) {
    return new Route(
        destination,
        prefixLength,
        gateway,
        link,
        source,
        newPriority,
        table,
        scope,
        protocol,
        onLink,
        mtu,
        advertisedMss);
  }

  /** The same with an MTU and an advertised MSS in bytes, 0 for none. */
  public Route withMetrics(int newMtu, int newAdvertisedMss) {
    return new Route(
        destination,
        prefixLength,
        gateway,
        link,
        source,
        priority,
        table,
        scope,
        protocol,
        onLink,
        newMtu,
        newAdvertisedMss);
  }

  /** {@code 10.0.0.0/8 via 192.0.2.1}. */
  @Override
  public String toString() {
    return destination.getHostAddress()
        + "/"
        + prefixLength
        + gateway.map(hop -> " via " + hop.getHostAddress()).orElse("");
  }

  /** Empty for what this record cannot hold: other types than unicast, several next hops. */
  static Optional<Route> parse(ByteBuffer in) throws LinuxException {
    if (in.remaining() < HEADER_SIZE) {
      throw Malformed.because("rtmsg of %d bytes".formatted(in.remaining()));
    }
    int family = Byte.toUnsignedInt(in.get());
    int prefixLength = Byte.toUnsignedInt(in.get());
    in.getShort();
    int table = Byte.toUnsignedInt(in.get());
    int protocol = Byte.toUnsignedInt(in.get());
    int scope = Byte.toUnsignedInt(in.get());
    int type = Byte.toUnsignedInt(in.get());
    int flags = in.getInt();
    if (type != TYPE_UNICAST || (family != Ip.AF_INET && family != Ip.AF_INET6)) {
      return Optional.empty();
    }
    InetAddress destination = Ip.any(family);
    Optional<InetAddress> gateway = Optional.empty();
    Optional<InetAddress> source = Optional.empty();
    int link = 0;
    int priority = 0;
    int mtu = 0;
    int advertisedMss = 0;
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case RTA_DST -> destination = Ip.parse(family, attribute);
        case RTA_GATEWAY -> gateway = Optional.of(Ip.parse(family, attribute));
        case RTA_PREFSRC -> source = Optional.of(Ip.parse(family, attribute));
        case RTA_OIF -> link = attribute.u32();
        case RTA_PRIORITY -> priority = attribute.u32();
        case RTA_TABLE -> table = attribute.u32();
        case RTA_METRICS -> {
          ByteBuffer nest = attribute.nest();
          while (nest.remaining() >= Attribute.HEADER) {
            Attribute metric = Attribute.next(nest);
            switch (metric.type()) {
              case RTAX_MTU -> mtu = metric.u32();
              case RTAX_ADVMSS -> advertisedMss = metric.u32();
              default -> {}
            }
          }
        }
        default -> {}
      }
    }
    return Optional.of(
        new Route(
            destination,
            prefixLength,
            gateway,
            link,
            source,
            priority,
            table,
            scope,
            protocol,
            (flags & FLAG_ONLINK) != 0,
            mtu,
            advertisedMss));
  }

  MessageWriter pack(int messageType, int modifiers) {
    MessageWriter out = new MessageWriter(messageType, modifiers | MessageHeader.ACK);
    out.room(HEADER_SIZE)
        .put((byte) Ip.family(destination))
        .put((byte) prefixLength)
        .putShort((short) 0)
        // RT_TABLE_UNSPEC where only RTA_TABLE can hold the number.
        .put((byte) (table > 255 ? 0 : table))
        .put((byte) protocol)
        .put((byte) scope)
        .put((byte) TYPE_UNICAST)
        .putInt(onLink ? FLAG_ONLINK : 0);
    if (prefixLength > 0) {
      out.bytes(RTA_DST, destination.getAddress());
    }
    out.u32(RTA_TABLE, table);
    gateway.ifPresent(hop -> out.bytes(RTA_GATEWAY, hop.getAddress()));
    source.ifPresent(address -> out.bytes(RTA_PREFSRC, address.getAddress()));
    if (link != 0) {
      out.u32(RTA_OIF, link);
    }
    if (priority != 0) {
      out.u32(RTA_PRIORITY, priority);
    }
    if (mtu != 0 || advertisedMss != 0) {
      int nest = out.startNest(RTA_METRICS);
      if (mtu != 0) {
        out.u32(RTAX_MTU, mtu);
      }
      if (advertisedMss != 0) {
        out.u32(RTAX_ADVMSS, advertisedMss);
      }
      out.endNest(nest);
    }
    return out;
  }
}
