package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * {@code struct nlattr} from linux/netlink.h: nla_len (u16, with these four bytes), nla_type (u16;
 * bit 15 marks a nest, bit 14 network byte order), payload, padding to four bytes.
 *
 * @param type without the two marking bits
 * @param payload of native byte order; positions are the reader's
 */
record Attribute(int type, ByteBuffer payload) {

  static final int HEADER = 4;
  static final int NESTED = 0x8000;
  private static final int TYPE_MASK = 0x3fff;

  /** The next attribute of {@code in}, which is moved behind it. */
  static Attribute next(ByteBuffer in) throws LinuxException {
    if (in.remaining() < HEADER) {
      throw Malformed.because("%d bytes left for an attribute".formatted(in.remaining()));
    }
    int start = in.position();
    int length = Short.toUnsignedInt(in.getShort(start));
    int type = Short.toUnsignedInt(in.getShort(start + 2)) & TYPE_MASK;
    if (length < HEADER || length > in.remaining()) {
      throw Malformed.because(
          "attribute %d of length %d with %d bytes left".formatted(type, length, in.remaining()));
    }
    ByteBuffer payload = in.slice(start + HEADER, length - HEADER).order(ByteOrder.nativeOrder());
    in.position(Math.min(in.limit(), start + aligned(length)));
    return new Attribute(type, payload);
  }

  static int aligned(int length) {
    return (length + 3) & ~3;
  }

  int u8() throws LinuxException {
    return Byte.toUnsignedInt(atLeast(1).get(0));
  }

  int u16() throws LinuxException {
    return Short.toUnsignedInt(atLeast(2).getShort(0));
  }

  int u32() throws LinuxException {
    return atLeast(4).getInt(0);
  }

  long u64() throws LinuxException {
    return atLeast(8).getLong(0);
  }

  /** Text up to its NUL, or all of it. */
  String text() {
    byte[] bytes = bytes();
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  byte[] bytes() {
    byte[] bytes = new byte[payload.limit()];
    payload.get(0, bytes);
    return bytes;
  }

  /** The payload as a nest; a fresh reader each time. */
  ByteBuffer nest() {
    return payload.duplicate().order(ByteOrder.nativeOrder());
  }

  ByteBuffer atLeast(int size) throws LinuxException {
    if (payload.limit() < size) {
      throw Malformed.because(
          "attribute %d has %d bytes instead of %d".formatted(type, payload.limit(), size));
    }
    return payload;
  }
}
