package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** IP addresses in messages. */
final class Ip {

  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private Ip() {}

  static int family(InetAddress address) {
    return address instanceof Inet4Address ? AF_INET : AF_INET6;
  }

  static InetAddress parse(int family, Attribute attribute) throws LinuxException {
    int length =
        switch (family) {
          case AF_INET -> 4;
          case AF_INET6 -> 16;
          default -> throw Malformed.because("address of family " + family);
        };
    byte[] bytes = new byte[length];
    attribute.atLeast(length).get(0, bytes);
    return of(bytes);
  }

  static InetAddress of(byte[] bytes) throws LinuxException {
    try {
      // A mapped IPv4 address (::ffff:0:0/96) becomes an Inet4Address in Java; so be it.
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw Malformed.because("address of %d bytes".formatted(bytes.length));
    }
  }

  /** 0.0.0.0 or ::. */
  static InetAddress any(int family) throws LinuxException {
    return of(new byte[family == AF_INET ? 4 : 16]);
  }
}
