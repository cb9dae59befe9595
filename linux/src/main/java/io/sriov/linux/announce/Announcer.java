package io.sriov.linux.announce;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netns.NetNamespace;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Sends a gratuitous ARP or an unsolicited neighbour advertisement through one link, so that
 * switches and neighbours learn of the address before they ask.
 */
public final class Announcer {

  private static final short ETH_P_ARP = 0x0806;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_MULTICAST_IF = 17;
  private static final int IPV6_MULTICAST_HOPS = 18;

  private final NetNamespace namespace;

  /** Announces in {@code namespace}. */
  public Announcer(NetNamespace namespace) {
    this.namespace = namespace;
  }

  /**
   * Announces one address of {@code link}.
   *
   * @throws LinuxException EINVAL if the link's address is not six bytes of one station;
   *     EADDRNOTAVAIL while the IPv6 address is tentative and there is no other; ENETDOWN if the
   *     link is down
   */
  public void announce(Link link, InetAddress address) throws LinuxException {
    String operation = "announce " + address.getHostAddress() + " on " + link.name();
    HardwareAddress mac = link.mac();
    if (mac.length() != 6 || mac.isZero() || mac.isBroadcast()) {
      throw new LinuxException(Errno.EINVAL, operation, "hardware address " + mac);
    }
    try {
      namespace.call(() -> {
        switch (address) {
          case Inet4Address four -> sendArp(link, mac, four);
          case Inet6Address six -> sendAdvertisement(link, mac, six);
          default -> throw new IllegalArgumentException(address.toString());
        }
        return link;
      });
    } catch (LinuxException e) {
      throw new LinuxException(e.errno(), operation, e.operation());
    }
  }

  private static void sendArp(Link link, HardwareAddress mac, Inet4Address address)
      throws LinuxException {
    // The protocol is in network order; a receiver of nothing (0) would do for sending, too.
    int protocol =
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
            ? Short.toUnsignedInt(Short.reverseBytes(ETH_P_ARP))
            : ETH_P_ARP;
    try (NativeSocket socket =
        NativeSocket.open(
            NativeSocket.AF_PACKET, NativeSocket.SOCK_DGRAM, protocol, "packet socket")) {
      send(socket, Announcement.gratuitousArp(mac, address), broadcast(link.index()));
    }
  }

  private static void sendAdvertisement(Link link, HardwareAddress mac, Inet6Address address)
      throws LinuxException {
    try (NativeSocket socket =
        NativeSocket.open(
            NativeSocket.AF_INET6, NativeSocket.SOCK_RAW, IPPROTO_ICMPV6, "icmpv6 socket")) {
      // Without these it would leave by the default route, which in a pod is another link.
      socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_IF, link.index(), "interface");
      // Receivers drop advertisements that crossed a router (RFC 4861, 7.1.2).
      socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255, "hops");
      send(socket, Announcement.advertisement(mac, address), allNodes(link.index()));
    }
  }

  private static void send(NativeSocket socket, byte[] packet, byte[] to) throws LinuxException {
    int sent = socket.send(packet, 0, packet.length, to);
    assert sent == packet.length;
  }

  /**
   * {@code struct sockaddr_ll} from linux/if_packet.h: sll_family (u16), sll_protocol (be16),
   * sll_ifindex (int), sll_hatype (u16), sll_pkttype (u8), sll_halen (u8), sll_addr (8 bytes).
   */
  private static byte[] broadcast(int link) {
    byte[] all = {-1, -1, -1, -1, -1, -1, 0, 0};
    ByteBuffer address = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
    address.putShort((short) NativeSocket.AF_PACKET);
    address.order(ByteOrder.BIG_ENDIAN).putShort(ETH_P_ARP);
    return address
        .order(ByteOrder.nativeOrder())
        .putInt(link)
        .putShort((short) 0)
        .put((byte) 0)
        .put((byte) 6)
        .put(all)
        .array();
  }

  /**
   * {@code struct sockaddr_in6} from linux/in6.h: sin6_family (u16), sin6_port (be16),
   * sin6_flowinfo (be32), sin6_addr (16 bytes), sin6_scope_id (u32): ff02::1 of one link.
   */
  private static byte[] allNodes(int link) {
    ByteBuffer address = ByteBuffer.allocate(28).order(ByteOrder.nativeOrder());
    address.putShort((short) NativeSocket.AF_INET6);
    address.put(8, (byte) 0xff).put(9, (byte) 0x02).put(23, (byte) 0x01);
    return address.putInt(24, link).array();
  }
}
