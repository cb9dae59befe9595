package io.sriov.cni.sriov;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.protocol.IpamResult;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells the network which station has the pod's addresses now (spec 04 §3.6): an ARP request for
 * each IPv4 address, an unsolicited neighbour advertisement for each IPv6 address.
 */
final class Announcement {

  private static final int ETHERNET = 6;
  private static final int ETH_P_ARP = 0x0806;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_MULTICAST_IF = 17;
  private static final int IPV6_MULTICAST_HOPS = 18;

  /** Growing by half each time, eleven looks take about 227 ms. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(2);

  private static final int LOOKS = 11;

  private Announcement() {}

  /** ARP of RFC 826 with the address as its own target, as gratuitous requests are. */
  static byte[] arpRequest(HardwareAddress mac, InetAddress ip) {
    return ByteBuffer.allocate(28)
        .putShort((short) 1)
        .putShort((short) 0x0800)
        .put((byte) ETHERNET)
        .put((byte) 4)
        .putShort((short) 1)
        .put(mac.bytes())
        .put(ip.getAddress())
        .put(new byte[] {-1, -1, -1, -1, -1, -1})
        .put(ip.getAddress())
        .array();
  }

  /**
   * RFC 4861 §4.4 with the override flag and the target's link-layer address; the kernel adds the
   * checksum.
   */
  static byte[] neighbourAdvertisement(HardwareAddress mac, InetAddress ip) {
    return ByteBuffer.allocate(32)
        .put((byte) 136)
        .put((byte) 0)
        .putShort((short) 0)
        .putInt(0x20000000)
        .put(ip.getAddress())
        .put((byte) 2)
        .put((byte) 1)
        .put(mac.bytes())
        .array();
  }

  /** Announces every address; what cannot be sent is logged only. */
  static void send(Pod pod, int index, IpamResult ipam, CallLog log) {
    try {
      Link link = awaitRunning(pod, index);
      HardwareAddress mac = link.mac();
      if (mac.length() != ETHERNET || mac.isZero() || mac.isBroadcast()) {
        return;
      }
      for (IpamResult.Ip ip : ipam.ips()) {
        try {
          InetAddress address = ip.address().address().value();
          if (ip.address().isV6()) {
            sendAdvertisement(index, mac, address);
          } else {
            sendArp(index, mac, address);
          }
        } catch (LinuxException e) {
          log.debug("address {} is not announced: {}", ip.address().text(), e.getMessage());
        }
      }
    } catch (LinuxException e) {
      log.debug("addresses are not announced: {}", e.getMessage());
    }
  }

  private static Link awaitRunning(Pod pod, int index) throws LinuxException {
    long pause = FIRST_PAUSE.toNanos();
    Link link = pod.links().link(index);
    for (int look = 1; look < LOOKS && !(link.isUp() && link.isRunning()); look++) {
      LockSupport.parkNanos(pause);
      pause = pause * 3 / 2;
      link = pod.links().link(index);
    }
    return link;
  }

  private static void sendArp(int index, HardwareAddress mac, InetAddress ip)
      throws LinuxException {
    try (NativeSocket socket =
        NativeSocket.open(NativeSocket.AF_PACKET, NativeSocket.SOCK_DGRAM, 0, "packet socket")) {
      byte[] frame = arpRequest(mac, ip);
      int unused = socket.send(frame, 0, frame.length, linkAddress(index));
    }
  }

  /**
   * {@code struct sockaddr_ll} from linux/if_packet.h: sll_family (u16), sll_protocol (be16),
   * sll_ifindex (int), sll_hatype (u16), sll_pkttype (u8), sll_halen (u8), sll_addr (8 bytes).
   */
  private static byte[] linkAddress(int index) {
    ByteBuffer address = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
    address.putShort((short) NativeSocket.AF_PACKET);
    address.order(ByteOrder.BIG_ENDIAN).putShort((short) ETH_P_ARP);
    address.order(ByteOrder.nativeOrder()).putInt(index).putShort((short) 0);
    return address
        .put((byte) 0)
        .put((byte) ETHERNET)
        .put(new byte[] {-1, -1, -1, -1, -1, -1})
        .array();
  }

  private static void sendAdvertisement(int index, HardwareAddress mac, InetAddress ip)
      throws LinuxException {
    try (NativeSocket socket =
        NativeSocket.open(
            NativeSocket.AF_INET6, NativeSocket.SOCK_RAW, IPPROTO_ICMPV6, "ICMPv6 socket")) {
      socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255, "hop limit");
      // Without it the advertisement leaves by whatever interface has the first multicast route.
      socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_IF, index, "outgoing interface");
      byte[] message = neighbourAdvertisement(mac, ip);
      int unused = socket.send(message, 0, message.length, allNodes(index));
    }
  }

  /**
   * {@code ff02::1} as {@code struct sockaddr_in6} from linux/in6.h: sin6_family (u16), sin6_port
   * (be16), sin6_flowinfo (be32), sin6_addr (16 bytes), sin6_scope_id (u32).
   */
  private static byte[] allNodes(int index) {
    byte[] group = new byte[16];
    group[0] = (byte) 0xff;
    group[1] = 2;
    group[15] = 1;
    return ByteBuffer.allocate(28)
        .order(ByteOrder.nativeOrder())
        .putShort((short) NativeSocket.AF_INET6)
        .putShort((short) 0)
        .putInt(0)
        .put(group)
        .putInt(index)
        .array();
  }
}
