package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An IP address of a link. {@code struct ifaddrmsg} from linux/if_addr.h: ifa_family (u8),
 * ifa_prefixlen (u8), ifa_flags (u8, superseded by IFA_FLAGS), ifa_scope (u8), ifa_index (u32).
 *
 * @param link index of the link
 * @param address the address
 * @param prefixLength bits, 0–32 or 0–128
 * @param broadcast IPv4 only
 * @param scope {@code RT_SCOPE_*}: 0 global, 253 link, 254 host
 * @param flags {@code IFA_F_*}
 */
public record LinkAddress(
    int link,
    InetAddress address,
    int prefixLength,
    Optional<InetAddress> broadcast,
    int scope,
    int flags) {

  /** {@code IFA_F_NODAD}: no duplicate address detection. */
  public static final int NO_DAD = 0x02;

  /** {@code IFA_F_OPTIMISTIC}: usable while detection runs. */
  public static final int OPTIMISTIC = 0x04;

  /** {@code IFA_F_DADFAILED}: another node has the address. */
  public static final int DAD_FAILED = 0x08;

  /** {@code IFA_F_TENTATIVE}: detection has not ended. */
  public static final int TENTATIVE = 0x40;

  /** {@code IFA_F_PERMANENT}: does not expire. */
  public static final int PERMANENT = 0x80;

  static final int HEADER_SIZE = 8;

  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_BROADCAST = 4;
  private static final int IFA_FLAGS = 8;

  /**
   * An address to add: global scope, no flags, and for IPv4 with a prefix below 31 the broadcast
   * address that follows from it.
   */
  public static LinkAddress of(int link, InetAddress address, int prefixLength) {
    return new LinkAddress(link, address, prefixLength, broadcastOf(address, prefixLength), 0, 0);
  }

  /** The same with other flags. */
  public LinkAddress withFlags(int newFlags) {
    return new LinkAddress(link, address, prefixLength, broadcast, scope, newFlags);
  }

  /** Whether duplicate address detection has not ended. */
  public boolean isTentative() {
    return (flags & TENTATIVE) != 0 && (flags & DAD_FAILED) == 0;
  }

  /** Whether another node was found to have it. */
  public boolean isDuplicate() {
    return (flags & DAD_FAILED) != 0;
  }

  /** {@code 192.0.2.1/24}. */
  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefixLength;
  }

  static LinkAddress parse(ByteBuffer in) throws LinuxException {
    if (in.remaining() < HEADER_SIZE) {
      throw Malformed.because("ifaddrmsg of %d bytes".formatted(in.remaining()));
    }
    int family = Byte.toUnsignedInt(in.get());
    int prefixLength = Byte.toUnsignedInt(in.get());
    int flags = Byte.toUnsignedInt(in.get());
    int scope = Byte.toUnsignedInt(in.get());
    int link = in.getInt();
    @Nullable InetAddress address = null;
    @Nullable InetAddress local = null;
    Optional<InetAddress> broadcast = Optional.empty();
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case IFA_ADDRESS -> address = Ip.parse(family, attribute);
        case IFA_LOCAL -> local = Ip.parse(family, attribute);
        case IFA_BROADCAST -> broadcast = Optional.of(Ip.parse(family, attribute));
        case IFA_FLAGS -> flags = attribute.u32();
        default -> {}
      }
    }
    // On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL ours.
    InetAddress own = local != null ? local : address;
    if (own == null) {
      throw Malformed.because("address message without an address");
    }
    return new LinkAddress(link, own, prefixLength, broadcast, scope, flags);
  }

  MessageWriter pack(int type, int modifiers) {
    MessageWriter out = new MessageWriter(type, modifiers | MessageHeader.ACK);
    out.room(HEADER_SIZE)
        .put((byte) Ip.family(address))
        .put((byte) prefixLength)
        .put((byte) flags)
        .put((byte) scope)
        .putInt(link);
    out.bytes(IFA_LOCAL, address.getAddress());
    out.bytes(IFA_ADDRESS, address.getAddress());
    broadcast.ifPresent(value -> out.bytes(IFA_BROADCAST, value.getAddress()));
    if (flags != 0) {
      out.u32(IFA_FLAGS, flags);
    }
    return out;
  }

  private static Optional<InetAddress> broadcastOf(InetAddress address, int prefixLength) {
    if (!(address instanceof Inet4Address) || prefixLength >= 31) {
      return Optional.empty();
    }
    byte[] bytes = address.getAddress();
    for (int bit = prefixLength; bit < 32; bit++) {
      bytes[bit / 8] |= (byte) (0x80 >> (bit % 8));
    }
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
