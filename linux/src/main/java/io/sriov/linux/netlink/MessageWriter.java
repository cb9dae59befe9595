package io.sriov.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds one message: header, family header, attributes. Grows as needed. */
final class MessageWriter {

  private ByteBuffer out = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
  private final int type;
  private final int flags;

  /**
   * A request.
   *
   * @param flags beside NLM_F_REQUEST
   */
  MessageWriter(int type, int flags) {
    this.type = type;
    this.flags = flags | MessageHeader.REQUEST;
    out.position(MessageHeader.SIZE);
  }

  int type() {
    return type;
  }

  int flags() {
    return flags;
  }

  /** Room for {@code size} more bytes, to be put by the caller. */
  ByteBuffer room(int size) {
    if (out.remaining() < size) {
      ByteBuffer larger =
          ByteBuffer.allocate(Math.max(out.capacity() * 2, out.position() + size))
              .order(ByteOrder.nativeOrder());
      out.flip();
      larger.put(out);
      out = larger;
    }
    return out;
  }

  MessageWriter u8(int attribute, int value) {
    return bytes(attribute, new byte[] {(byte) value});
  }

  MessageWriter u16(int attribute, int value) {
    header(attribute, 2).putShort((short) value);
    return pad();
  }

  MessageWriter u32(int attribute, int value) {
    header(attribute, 4).putInt(value);
    return this;
  }

  MessageWriter u64(int attribute, long value) {
    header(attribute, 8).putLong(value);
    return this;
  }

  /** A NUL-terminated string. */
  MessageWriter text(int attribute, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    header(attribute, bytes.length + 1).put(bytes).put((byte) 0);
    return pad();
  }

  MessageWriter bytes(int attribute, byte[] value) {
    header(attribute, value.length).put(value);
    return pad();
  }

  /** Starts a nest; the result goes to {@link #endNest}. */
  int startNest(int attribute) {
    int start = room(Attribute.HEADER).position();
    out.putShort((short) 0).putShort((short) attribute);
    return start;
  }

  MessageWriter endNest(int start) {
    out.putShort(start, (short) (out.position() - start));
    return this;
  }

  /** The finished message. */
  byte[] pack(int sequence, int port) {
    int length = out.position();
    byte[] message = new byte[length];
    out.get(0, message);
    new MessageHeader(length, type, flags, sequence, port)
        .pack(ByteBuffer.wrap(message).order(ByteOrder.nativeOrder()));
    return message;
  }

  private ByteBuffer header(int attribute, int length) {
    return room(Attribute.aligned(Attribute.HEADER + length))
        .putShort((short) (Attribute.HEADER + length))
        .putShort((short) attribute);
  }

  private MessageWriter pad() {
    int target = Attribute.aligned(out.position());
    while (out.position() < target) {
      out.put((byte) 0);
    }
    return this;
  }
}
