package io.sriov.linux.announce;

import io.sriov.linux.netlink.HardwareAddress;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.ByteBuffer;

/** The packets, without the headers the kernel adds. */
final class Announcement {

  private Announcement() {}

  /**
   * An ARP request for the address itself (RFC 826, RFC 5227): hardware type 1, protocol 0x0800,
   * lengths 6 and 4, operation 1, sender, target; 28 bytes.
   */
  static byte[] gratuitousArp(HardwareAddress mac, Inet4Address address) {
    byte[] everyone = {-1, -1, -1, -1, -1, -1};
    return ByteBuffer.allocate(28)
        .putShort((short) 1)
        .putShort((short) 0x0800)
        .put((byte) 6)
        .put((byte) 4)
        .putShort((short) 1)
        .put(mac.bytes())
        .put(address.getAddress())
        .put(everyone)
        .put(address.getAddress())
        .array();
  }

  /**
   * An unsolicited neighbour advertisement (RFC 4861, 4.4): ICMPv6 type 136, code 0, checksum (by
   * the kernel), flag override, target, option 2 with the link-layer address; 32 bytes.
   */
  static byte[] advertisement(HardwareAddress mac, Inet6Address address) {
    return ByteBuffer.allocate(32)
        .put((byte) 136)
        .put((byte) 0)
        .putShort((short) 0)
        .putInt(0x20000000)
        .put(address.getAddress())
        .put((byte) 2)
        .put((byte) 1)
        .put(mac.bytes())
        .array();
  }
}
