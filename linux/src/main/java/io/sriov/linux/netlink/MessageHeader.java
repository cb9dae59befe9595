package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;

/**
 * {@code struct nlmsghdr} from linux/netlink.h: nlmsg_len (u32, with this header), nlmsg_type
 * (u16), nlmsg_flags (u16), nlmsg_seq (u32), nlmsg_pid (u32, the port of the addressed socket).
 */
record MessageHeader(int length, int type, int flags, int sequence, int port) {

  static final int SIZE = 16;

  static final int ERROR = 2;
  static final int DONE = 3;
  static final int OVERRUN = 4;

  static final int REQUEST = 0x1;
  static final int MULTI = 0x2;
  static final int ACK = 0x4;
  static final int DUMP_INTERRUPTED = 0x10;
  static final int CAPPED = 0x100;
  static final int ACK_TLVS = 0x200;

  /** Modifiers of a NEW request. */
  static final int REPLACE = 0x100;

  static final int EXCL = 0x200;
  static final int CREATE = 0x400;
  static final int APPEND = 0x800;

  /** Modifier of a GET request: NLM_F_ROOT | NLM_F_MATCH. */
  static final int DUMP = 0x300;

  static MessageHeader parse(ByteBuffer in) throws LinuxException {
    if (in.remaining() < SIZE) {
      throw Malformed.because("message header of %d bytes".formatted(in.remaining()));
    }
    MessageHeader header =
        new MessageHeader(
            in.getInt(),
            Short.toUnsignedInt(in.getShort()),
            Short.toUnsignedInt(in.getShort()),
            in.getInt(),
            in.getInt());
    if (header.length < SIZE || header.length - SIZE > in.remaining()) {
      throw Malformed.because(
          "message length %d of %d".formatted(header.length, in.remaining() + SIZE));
    }
    return header;
  }

  void pack(ByteBuffer out) {
    out.putInt(length).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(port);
  }
}
