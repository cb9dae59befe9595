package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Annotated hex of messages; {@code #} starts a remark. */
final class Fixture {

  record Message(MessageHeader header, ByteBuffer payload) {}

  private Fixture() {}

  static byte[] bytes(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(Fixture.class.getResourceAsStream(name), name)) {
      return hex(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  static byte[] hex(String annotated) {
    String digits =
        annotated
            .lines()
            .map(line -> line.replaceFirst("#.*", "").replace(" ", ""))
            .collect(Collectors.joining());
    return HexFormat.of().parseHex(digits);
  }

  static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  static List<Message> messages(byte[] bytes) throws LinuxException {
    ByteBuffer in = buffer(bytes);
    List<Message> messages = new ArrayList<>();
    while (in.hasRemaining()) {
      int start = in.position();
      MessageHeader header = MessageHeader.parse(in);
      messages.add(
          new Message(
              header,
              in.slice(start + MessageHeader.SIZE, header.length() - MessageHeader.SIZE)
                  .order(ByteOrder.nativeOrder())));
      in.position(Math.min(in.limit(), start + Attribute.aligned(header.length())));
    }
    return messages;
  }
}
