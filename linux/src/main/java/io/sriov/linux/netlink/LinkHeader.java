package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;

/**
 * {@code struct ifinfomsg} from linux/rtnetlink.h: ifi_family (u8), pad (u8), ifi_type (u16,
 * ARPHRD_*), ifi_index (int), ifi_flags (u32, IFF_*), ifi_change (u32, mask of flags to change).
 */
record LinkHeader(int type, int index, int flags, int change) {

  static final int SIZE = 16;

  static LinkHeader parse(ByteBuffer in) throws LinuxException {
    if (in.remaining() < SIZE) {
      throw Malformed.because("ifinfomsg of %d bytes".formatted(in.remaining()));
    }
    in.getShort();
    return new LinkHeader(
        Short.toUnsignedInt(in.getShort()), in.getInt(), in.getInt(), in.getInt());
  }

  void pack(ByteBuffer out) {
    out.putShort((short) 0).putShort((short) type).putInt(index).putInt(flags).putInt(change);
  }
}
